//! Two processes on a real server: what one says the other hears, once a claim was tried it is said no more, and while the server
//! is away nothing waits for it.

use std::sync::Arc;
use std::time::Duration;

use latchkey_cluster::{Cluster, NatsSettings, Wakeup};
use latchkey_domain::event::{EventBody, Position, RunEvent};
use latchkey_domain::id::RunId;
use latchkey_domain::time::Timestamp;
use latchkey_tests::nats::Nats;
use latchkey_tests::{requires, wait};
use tokio::runtime::Handle;
use tokio::time::timeout;

/// Long enough on a machine that has other things to do.
const PATIENCE: Duration = Duration::from_secs(60);
const SOON: Duration = Duration::from_millis(200);

async fn joined(url: &str, installation: &str) -> Cluster {
    let settings = NatsSettings {
        url: url.to_owned(),
        installation: installation.to_owned(),
    };
    let cluster = Cluster::nats(settings, &Handle::current()).await.unwrap();
    wait::until("the server is heard", async || {
        cluster.is_heard().then_some(())
    })
    .await;
    cluster
}

fn run() -> RunId {
    RunId::new(uuid::Uuid::now_v7())
}

fn event(run: RunId, part: u32, text: &str) -> RunEvent {
    RunEvent {
        run_id: run,
        position: Position {
            epoch: 1,
            sequence: 1,
            part,
        },
        at: Timestamp::from_millis(1),
        body: EventBody::ReasoningChunk {
            node_id: "n".into(),
            text: text.to_owned(),
            is_final: false,
        },
    }
}

/// A run that a worker has been woken for. Before the streams are there nothing is kept, so it is said until somebody hears it.
async fn heard_wakeup(says: &Cluster, hears: &Cluster) -> RunId {
    let waiting = run();
    wait::until("a worker is woken", async || {
        says.wake(waiting);
        let woken = timeout(SOON, hears.woken()).await.ok()?;
        let run = woken.run();
        woken.tried().await;
        (run == waiting).then_some(waiting)
    })
    .await
}

#[tokio::test]
async fn a_wakeup_reaches_one_worker_and_is_gone_once_it_was_tried() {
    let _ = requires!(nats);
    let server = Nats::start().await.expect("the binary is there");
    let api = joined(&server.url(), "one").await;
    let first = joined(&server.url(), "one").await;
    let second = joined(&server.url(), "one").await;
    heard_wakeup(&api, &first).await;
    heard_wakeup(&api, &second).await;
    let waiting = run();
    api.wake(waiting);
    let of = |woken: &Wakeup| woken.run() == waiting;
    let heard = timeout(PATIENCE, async {
        loop {
            let woken = tokio::select! {
                woken = first.woken() => woken,
                woken = second.woken() => woken,
            };
            let is_meant = of(&woken);
            woken.tried().await;
            if is_meant {
                return;
            }
        }
    });
    heard.await.unwrap();
    // What the others were woken for before may still come; this one does not.
    for worker in [&first, &second] {
        while let Ok(woken) = timeout(SOON, worker.woken()).await {
            assert!(!of(&woken));
            woken.tried().await;
        }
    }
}

/// The next wake-up for a run; what others were woken for before is passed over.
async fn next_of(cluster: &Cluster, run: RunId) -> Wakeup {
    loop {
        let woken = cluster.woken().await;
        if woken.run() == run {
            return woken;
        }
        woken.tried().await;
    }
}

#[tokio::test]
async fn a_wakeup_that_nobody_tried_is_given_to_another() {
    let _ = requires!(nats);
    let server = Nats::start().await.expect("the binary is there");
    let (api, dies) = (
        joined(&server.url(), "one").await,
        joined(&server.url(), "one").await,
    );
    heard_wakeup(&api, &dies).await;
    let waiting = run();
    api.wake(waiting);
    let taken = timeout(PATIENCE, next_of(&dies, waiting)).await.unwrap();
    drop(taken);
    dies.close(Duration::from_secs(5)).await;
    let other = joined(&server.url(), "one").await;
    let again = timeout(PATIENCE, next_of(&other, waiting)).await.unwrap();
    again.tried().await;
}

type Heard = tokio::sync::mpsc::Receiver<Arc<RunEvent>>;

/// Listens, as soon as the stream is there.
async fn listening(cluster: &Cluster, run: RunId) -> Heard {
    wait::until("somebody listens", async || cluster.listen(run).await).await
}

/// The part of the next event that is heard.
async fn next(heard: &mut Heard) -> u32 {
    let event = timeout(PATIENCE, heard.recv()).await.unwrap().unwrap();
    event.position.part
}

#[tokio::test]
async fn events_are_heard_in_order_from_the_first_one_and_gaps_show() {
    let _ = requires!(nats);
    let server = Nats::start().await.expect("the binary is there");
    let (worker, api) = (
        joined(&server.url(), "one").await,
        joined(&server.url(), "one").await,
    );
    let run = run();
    let mut early = listening(&api, run).await;
    for part in 0..3 {
        worker.say(&event(run, part, "text"));
    }
    // Too long for a message.
    worker.say(&event(run, 3, &"x".repeat(1 << 20)));
    for part in 4..6 {
        worker.say(&event(run, part, "text"));
    }
    let mut late = listening(&api, run).await;
    for listener in [&mut early, &mut late] {
        let mut parts = Vec::new();
        for _ in 0..4 {
            parts.push(next(listener).await);
        }
        assert_eq!(parts, [0, 1, 2, 5]);
        assert!(timeout(SOON, listener.recv()).await.is_err());
    }
}

#[tokio::test]
async fn a_stop_is_answered_by_whoever_has_the_run_and_by_nobody_else() {
    let _ = requires!(nats);
    let server = Nats::start().await.expect("the binary is there");
    let (asks, has) = (
        joined(&server.url(), "one").await,
        joined(&server.url(), "one").await,
    );
    let stranger = joined(&server.url(), "two").await;
    let stopped = run();
    let answering = async {
        loop {
            let asked = has.asked_to_stop().await;
            if asked.run() == stopped {
                asked.done().await;
            }
        }
    };
    let asking = async {
        wait::until("the stop is answered", async || {
            asks.stop(stopped, SOON).await.then_some(())
        })
        .await;
        // Nobody has this one.
        assert!(!asks.stop(run(), SOON).await);
    };
    tokio::select! {
        () = answering => {}
        () = asking => {}
    }
    assert!(timeout(SOON, stranger.asked_to_stop()).await.is_err());
}

#[tokio::test]
async fn a_server_that_dies_is_missed_by_nobody_and_heard_again() {
    let _ = requires!(nats);
    let mut server = Nats::start().await.expect("the binary is there");
    let (worker, api) = (
        joined(&server.url(), "one").await,
        joined(&server.url(), "one").await,
    );
    heard_wakeup(&api, &worker).await;
    server.kill();
    wait::until("the server is missed", async || {
        (!api.is_heard() && !worker.is_heard()).then_some(())
    })
    .await;
    // Nothing of this waits.
    api.wake(run());
    worker.say(&event(run(), 0, "text"));
    assert!(api.listen(run()).await.is_none());
    assert!(!api.stop(run(), PATIENCE).await);
    server.begin().await;
    heard_wakeup(&api, &worker).await;
    let run = run();
    let mut listener = listening(&api, run).await;
    worker.say(&event(run, 0, "text"));
    assert_eq!(next(&mut listener).await, 0);
}

#[tokio::test]
async fn one_of_three_servers_may_die() {
    let _ = requires!(nats);
    let mut servers = Nats::cluster().await.expect("the binary is there");
    let urls: Vec<String> = servers.iter().map(Nats::url).collect();
    let url = urls.join(",");
    let (api, worker) = (joined(&url, "one").await, joined(&url, "one").await);
    heard_wakeup(&api, &worker).await;
    servers[0].kill();
    heard_wakeup(&api, &worker).await;
}
