//! In which order the members of a pool pay: pure, by the turn and by the calls under way.

use std::sync::Arc;

use latchkey_domain::credential::{Credential, PoolStrategy};

use crate::resolve::check::Unusable;

type Usable = Result<Arc<Credential>, Unusable>;

/// Members with their weights, in the order in which they pay. In a chain each keeps its place; elsewhere those that
/// cannot pay for now come first, and turns are taken among the others only.
pub(super) fn ordered(
    strategy: PoolStrategy,
    members: Vec<(u32, Usable)>,
    turn: u64,
    busy: impl Fn(&Credential) -> Option<u32>,
) -> Vec<Usable> {
    if strategy == PoolStrategy::Priority {
        return members.into_iter().map(|(_, usable)| usable).collect();
    }
    let mut order: Vec<Usable> = Vec::with_capacity(members.len());
    let mut can_pay = Vec::with_capacity(members.len());
    for (weight, usable) in members {
        match usable {
            Ok(credential) => can_pay.push((weight, credential)),
            Err(unusable) => order.push(Err(unusable)),
        }
    }
    let rotated = match strategy {
        PoolStrategy::Weighted => by_weight(can_pay, turn),
        PoolStrategy::Priority | PoolStrategy::RoundRobin => in_turn(can_pay, turn),
        PoolStrategy::LeastBusy => {
            let mut rotated = in_turn(can_pay, turn);
            // A stable sort: between equally busy ones the turn decides.
            rotated.sort_by_key(|credential| busy(credential).unwrap_or(0));
            rotated
        }
    };
    order.extend(rotated.into_iter().map(Ok));
    order
}

fn in_turn(members: Vec<(u32, Arc<Credential>)>, turn: u64) -> Vec<Arc<Credential>> {
    let mut members: Vec<_> = members
        .into_iter()
        .map(|(_, credential)| credential)
        .collect();
    if !members.is_empty() {
        let first = turn % members.len() as u64;
        members.rotate_left(usize::try_from(first).unwrap_or(0));
    }
    members
}

/// Each gets its share of every cycle, exactly; who comes next if the first fails is drawn the same way among the rest.
fn by_weight(mut members: Vec<(u32, Arc<Credential>)>, turn: u64) -> Vec<Arc<Credential>> {
    let mut order = Vec::with_capacity(members.len());
    while !members.is_empty() {
        let weights = members.iter().map(|(weight, _)| u64::from(*weight).max(1));
        let total = weights.clone().sum();
        let mut place = spread(turn % total, total);
        let mut chosen = 0;
        for (at, weight) in weights.enumerate() {
            chosen = at;
            if place < weight {
                break;
            }
            place -= weight;
        }
        order.push(members.remove(chosen).1);
    }
    order
}

/// The place of a turn in its cycle. Each place has one turn, and neighbouring turns lie far apart, so that a heavy member
/// does not get all its turns in a row.
fn spread(turn: u64, total: u64) -> u64 {
    // About the golden section of the cycle, and without a common divisor.
    let near = total / 1000 * 618 + total % 1000 * 618 / 1000;
    let step = (near.max(1)..=total).find(|step| gcd(*step, total) == 1);
    let place = u128::from(turn) * u128::from(step.unwrap_or(1)) % u128::from(total);
    u64::try_from(place).unwrap_or(0)
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::spread;

    #[test]
    fn every_place_of_a_cycle_has_one_turn() {
        for total in 1..200 {
            let mut places: Vec<u64> = (0..total).map(|turn| spread(turn, total)).collect();
            places.sort_unstable();
            assert!(places.into_iter().eq(0..total), "{total}");
        }
    }

    #[test]
    fn a_heavy_member_does_not_get_its_turns_in_a_row() {
        // Nine of ten places are the first member's; the other's turns are ten apart, and none of its waits is longer.
        let others: Vec<u64> = (0..50).filter(|turn| spread(turn % 10, 10) == 9).collect();
        assert_eq!(others.len(), 5);
        // Of two equal ones, none pays three times in a row.
        let first: Vec<bool> = (0..40).map(|turn| spread(turn % 10, 10) < 5).collect();
        assert!(
            !first
                .windows(3)
                .any(|three| three.iter().all(|one| *one == three[0]))
        );
    }
}
