//! How often somebody may try a password: counted for each account, each address, and both together.
//!
//! An attempt counts before it is looked at, so that many at the same time are not more than one after another; a right one takes
//! its count back. Accounts that do not exist are counted like those that do.

use std::collections::HashMap;
use std::sync::Mutex;

use latchkey_domain::time::Timestamp;

use crate::lock;

/// How long wrong attempts are remembered, in milliseconds.
const WINDOW: u64 = 15 * 60 * 1_000;
/// Wrong attempts at one account from one address.
const FROM_ONE_ADDRESS: u32 = 10;
/// Wrong attempts at one account from everywhere: high, since it also keeps its owner out.
const AT_ONE_ACCOUNT: u32 = 100;
/// Wrong attempts from one address at all accounts.
const BY_ONE_ADDRESS: u32 = 100;
/// What is counted at most; then the oldest counts are forgotten.
const MOST: usize = 30_000;

/// What is counted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Of {
    Both(String, String),
    Account(String),
    Address(String),
}

impl Of {
    const fn most(&self) -> u32 {
        match self {
            Self::Both(..) => FROM_ONE_ADDRESS,
            Self::Account(_) => AT_ONE_ACCOUNT,
            Self::Address(_) => BY_ONE_ADDRESS,
        }
    }
}

/// Wrong attempts.
#[derive(Default)]
pub(crate) struct Throttle(Mutex<HashMap<Of, (u32, Timestamp)>>);

/// An attempt that was counted.
pub(crate) struct Attempt([Of; 3]);

impl Throttle {
    /// Counts an attempt; after how many seconds it may be made, if not now.
    pub(crate) fn begin(
        &self,
        account: &str,
        address: &str,
        now: Timestamp,
    ) -> Result<Attempt, u64> {
        let of = [
            Of::Both(account.to_owned(), address.to_owned()),
            Of::Account(account.to_owned()),
            Of::Address(address.to_owned()),
        ];
        let mut counts = lock(&self.0);
        make_room(&mut counts, now);
        let wait = of.iter().filter_map(|of| {
            let (count, since) = counts.get(of)?;
            let gone = now.millis_since(*since);
            (gone < WINDOW && *count >= of.most()).then(|| (WINDOW - gone).div_ceil(1_000))
        });
        if let Some(seconds) = wait.max() {
            return Err(seconds);
        }
        for of in &of {
            let entry = counts.entry(of.clone()).or_insert((0, now));
            if now.millis_since(entry.1) >= WINDOW {
                *entry = (0, now);
            }
            entry.0 += 1;
        }
        Ok(Attempt(of))
    }

    /// The attempt was right: it does not count, and neither do the wrong ones before it from the same address.
    pub(crate) fn right(&self, Attempt(of): Attempt) {
        let mut counts = lock(&self.0);
        for of in of {
            let is_both = matches!(of, Of::Both(..));
            if let Some(entry) = counts.get_mut(&of) {
                entry.0 = if is_both {
                    0
                } else {
                    entry.0.saturating_sub(1)
                };
            }
        }
    }
}

fn make_room(counts: &mut HashMap<Of, (u32, Timestamp)>, now: Timestamp) {
    if counts.len() < MOST {
        return;
    }
    counts.retain(|_, (count, since)| *count > 0 && now.millis_since(*since) < WINDOW);
    // Somebody with many addresses: those that have tried least are the ones that matter least.
    let mut least = 1;
    while counts.len() >= MOST {
        counts.retain(|_, (count, _)| *count > least);
        least += 1;
    }
}

#[cfg(test)]
mod tests {
    use latchkey_domain::time::Timestamp;

    use super::{AT_ONE_ACCOUNT, FROM_ONE_ADDRESS, MOST, Throttle, WINDOW};

    const NOW: Timestamp = Timestamp::from_millis(1_000_000_000);

    fn wrong(throttle: &Throttle, account: &str, address: &str, times: u32) -> Result<(), u64> {
        (0..times).try_for_each(|_| throttle.begin(account, address, NOW).map(drop))
    }

    #[test]
    fn wrong_attempts_are_counted_for_account_and_address() {
        let throttle = Throttle::default();
        assert_eq!(wrong(&throttle, "ada", "1.1.1.1", FROM_ONE_ADDRESS), Ok(()));
        assert_eq!(wrong(&throttle, "ada", "1.1.1.1", 1), Err(WINDOW / 1_000));
        // Neither the account nor the address is shut for everybody.
        assert_eq!(wrong(&throttle, "ada", "2.2.2.2", 1), Ok(()));
        assert_eq!(wrong(&throttle, "bob", "1.1.1.1", 1), Ok(()));
        let later = NOW.plus_millis(i64::try_from(WINDOW).unwrap());
        assert!(throttle.begin("ada", "1.1.1.1", later).is_ok());
    }

    #[test]
    fn many_addresses_and_many_accounts_come_to_an_end_too() {
        let throttle = Throttle::default();
        let many = (0..AT_ONE_ACCOUNT)
            .try_for_each(|number| wrong(&throttle, "ada", &number.to_string(), 1));
        assert_eq!(many, Ok(()));
        assert!(wrong(&throttle, "ada", "another", 1).is_err());
        let many = (0..AT_ONE_ACCOUNT)
            .try_for_each(|number| wrong(&throttle, &number.to_string(), "1.1.1.1", 1));
        assert_eq!(many, Ok(()));
        assert!(wrong(&throttle, "another", "1.1.1.1", 1).is_err());
    }

    #[test]
    fn a_right_attempt_does_not_count() {
        let throttle = Throttle::default();
        for _ in 0..AT_ONE_ACCOUNT * 2 {
            let attempt = throttle.begin("ada", "1.1.1.1", NOW).ok().unwrap();
            throttle.right(attempt);
        }
        assert_eq!(wrong(&throttle, "ada", "1.1.1.1", FROM_ONE_ADDRESS), Ok(()));
    }

    #[test]
    fn what_is_counted_stays_bounded_and_the_busiest_stay_counted() {
        let throttle = Throttle::default();
        assert_eq!(wrong(&throttle, "ada", "1.1.1.1", FROM_ONE_ADDRESS), Ok(()));
        for number in 0..MOST {
            let _ = throttle.begin(&format!("a{number}"), &format!("b{number}"), NOW);
        }
        assert!(super::lock(&throttle.0).len() <= MOST + 3);
        assert!(wrong(&throttle, "ada", "1.1.1.1", 1).is_err());
    }
}
