//! What the board shows, as it comes: the cluster's objects, and the answers to requests.

use std::{
    collections::{BTreeMap, BTreeSet},
    convert::Infallible,
    sync::Arc,
    time::Duration,
};

use board::{Asking, Board, Frame, Happened, Known, Request, Usage};
use futures::future::{pending, select_all, try_join_all};
use guide::Message;
use jiff::Timestamp;
use k8s_openapi::api::core::v1::{Pod, Service};
use record::{Listed, Live, Reach};
use story::Fact;
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, MissedTickBehavior, interval, sleep_until},
};

use super::{callers, scope::Scope, silence};
use crate::commands::explain::unknown::Unseen;

/// How long it is from one frame to the next at least.
const FRAME: Duration = Duration::from_millis(100);
/// How often each Service is asked, and a page hears that the board lives, at the latest.
const BEAT: Duration = Duration::from_millis(500);
/// After which time a state is made anew though nothing came: some of it says how many seconds ago something was.
const AGES: Duration = Duration::from_secs(1);
/// Where no pod gets a Service's traffic, it is asked in one of so many beats. The kernel refuses in place of pods then, falls
/// silent to who asks for more than one refusal a second, and would do so to a learner's curl.
const CALM: u64 = 4;
/// How many Services are asked at most.
const MOST_ASKED: usize = 12;

/// All that feeds the board.
pub(super) struct Feed {
    reach: Reach,
    scope: Scope,
    board: Board,
    frames: watch::Sender<Arc<Frame>>,
    presses: mpsc::Receiver<board::Break>,
}

/// A namespace, as it was last told.
struct Room {
    namespace: String,
    live: watch::Receiver<Arc<Live>>,
    seen: Arc<Live>,
    happened: Happened,
    /// What pods that left the traffic have cost: up to which fact that was looked for, and what was found.
    priced: u64,
    met: Vec<Arc<Fact>>,
    /// Whether more has happened. It is told with the next beat: it takes longer than all else, and objects show first what is new.
    is_behind: bool,
    usage: BTreeMap<(String, String), Usage>,
    /// What is not seen here.
    lacks: Vec<Message>,
}

/// What came of a request, and of which Service it was asked.
type Answer = (String, Request);

impl Feed {
    pub(super) fn new(
        reach: Reach,
        scope: Scope,
        board: Board,
        frames: watch::Sender<Arc<Frame>>,
        presses: mpsc::Receiver<board::Break>,
    ) -> Self {
        Self {
            reach,
            scope,
            board,
            frames,
            presses,
        }
    }

    /// Feeds the board until it is dropped.
    ///
    /// # Errors
    /// The cluster did not answer when it began.
    pub(super) async fn run(self) -> anyhow::Result<anyhow::Error> {
        let (reach, namespaces) = (self.reach.clone(), self.scope.namespaces.clone());
        let (tell, lives): (Vec<_>, Vec<_>) = namespaces
            .iter()
            .map(|_| watch::channel(Arc::new(Live::default())))
            .unzip();
        let watches = namespaces
            .iter()
            .zip(&tell)
            .map(|(namespace, live)| record::watch(&reach, namespace, live));
        let rooms = namespaces
            .iter()
            .zip(lives)
            .map(|(namespace, live)| Room::new(namespace, live))
            .collect();
        let (beats, heard) = watch::channel(Timestamp::now());
        let watched = try_join_all(watches);
        tokio::select! {
            ended = watched => Ok(ended.map(|_: Vec<Infallible>| anyhow::anyhow!("the watches ended"))?),
            never = silence::ping(|| silence::answers(&reach.answers), &beats) => match never {},
            never = self.pump(rooms, heard) => match never {},
        }
    }

    async fn pump(mut self, mut rooms: Vec<Room>, heard: watch::Receiver<Timestamp>) -> Infallible {
        let (tell, mut answers) = mpsc::channel::<Answer>(256);
        let mut asked: Vec<Asking> = vec![];
        let mut beats = interval(BEAT);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut count, mut shown) = (0_u64, Instant::now());
        let (mut urls, mut chosen) = (BTreeMap::new(), false);
        loop {
            // What is new is shown at once, and what follows it together with what comes meanwhile.
            let (beat, answer) = tokio::select! {
                _ = beats.tick() => (true, None),
                () = told(&mut rooms) => (false, None),
                answer = answers.recv() => (false, answer),
            };
            sleep_until(shown + FRAME).await;
            let mut new = shown.elapsed() >= AGES;
            for room in &mut rooms {
                if room.look() {
                    (new, chosen) = (true, false);
                }
                new |= beat && room.catch_up(&self.scope);
            }
            let mut next = answer.or_else(|| answers.try_recv().ok());
            while let Some((id, request)) = next {
                new = true;
                if let Some(asking) = asked.iter_mut().find(|asking| asking.id() == id) {
                    asking.push(request);
                }
                next = answers.try_recv().ok();
            }
            if beat {
                count += 1;
                for room in &mut rooms {
                    room.price(&asked, Timestamp::now());
                }
                if !chosen {
                    urls = self.choose(&rooms, &mut asked);
                    (new, chosen) = (true, true);
                }
                let frame = Arc::clone(&self.frames.borrow());
                let served = frame.state.services.iter().filter(|service| service.ready > 0);
                let served: BTreeSet<_> = served
                    .map(|service| format!("{}/{}", service.namespace, service.name))
                    .collect();
                let pressed = count
                    .is_multiple_of(2)
                    .then(|| self.presses.try_recv().ok())
                    .flatten();
                for asking in &asked {
                    let Some(url) = urls.get(&asking.id()) else {
                        continue;
                    };
                    let hope = served.contains(&asking.id()) || count.is_multiple_of(CALM);
                    let paths = asking.path.iter().filter(|_| hope).map(String::as_str);
                    let rng = (pressed.as_ref() == Some(&asking.id())).then_some("/rng");
                    for path in paths.chain(rng) {
                        send(&tell, asking.id(), url, path);
                    }
                }
            }
            let now = Timestamp::now();
            let sources = rooms.iter().flat_map(|room| room.seen.expected());
            let silent = silence::told(sources, *heard.borrow(), now);
            let was_silent = self.frames.borrow().state.frozen.is_some();
            if new || was_silent || silent.is_some() {
                let known: Vec<_> = rooms.iter().map(|room| room.known(&self.scope)).collect();
                self.frames
                    .send_replace(self.board.frame(&known, &asked, silent, now));
                shown = Instant::now();
            } else if beat {
                self.frames.send_replace(self.board.again(now));
            }
        }
    }

    /// What is to be asked of each Service that is shown; returns their addresses. Answers that there are stay.
    fn choose(&self, rooms: &[Room], asked: &mut Vec<Asking>) -> BTreeMap<String, String> {
        let (mut next, mut urls) = (vec![], BTreeMap::new());
        for room in rooms {
            let known = room.known(&self.scope);
            for service in known.shown_services() {
                let name = service.metadata.name.as_deref().unwrap_or_default();
                let fresh = Asking::new(&room.namespace, name);
                let before = asked.iter().position(|asking| asking.id() == fresh.id());
                let mut asking = before.map_or(fresh, |place| asked.swap_remove(place));
                let pods = || known.pods_of(service).map(|pod| &**pod);
                self.choose_one(&mut asking, service, pods, next.len(), &mut urls);
                next.push(asking);
            }
        }
        *asked = next;
        urls
    }

    fn choose_one<'a, I: Iterator<Item = &'a Pod>>(
        &self,
        asking: &mut Asking,
        service: &Service,
        pods: impl Fn() -> I,
        before: usize,
        urls: &mut BTreeMap<String, String>,
    ) {
        let url = access::outside_url(service);
        let path = callers::readiness_path(service, pods())
            .or_else(|| self.scope.paths.get(&asking.service).cloned());
        let why_not = match (&url, &path) {
            _ if before >= MOST_ASKED => Some(Message::new("board-too-many").with("most", MOST_ASKED)),
            (None, _) => Some(Message::new("board-no-address")),
            (_, None) => Some(Message::new("board-no-path")),
            (Some(_), Some(_)) => None,
        };
        asking.path = path.filter(|_| why_not.is_none());
        asking.why_not = why_not;
        asking.breakable = url.is_some() && before < MOST_ASKED && callers::is_breakable(pods());
        if let Some(url) = url.filter(|_| before < MOST_ASKED) {
            urls.insert(asking.id(), url);
        }
    }
}

impl Room {
    fn new(namespace: &str, live: watch::Receiver<Arc<Live>>) -> Self {
        Self {
            namespace: namespace.into(),
            live,
            seen: Arc::default(),
            happened: Happened::default(),
            priced: 0,
            met: vec![],
            is_behind: false,
            usage: BTreeMap::new(),
            lacks: vec![],
        }
    }

    /// Takes what was told since, and says whether anything of it is shown: sources mostly tell that they are there.
    fn look(&mut self) -> bool {
        let live = Arc::clone(&self.live.borrow_and_update());
        if Arc::ptr_eq(&live, &self.seen) {
            return false;
        }
        let mut new = !is_shown_alike(&live.now, &self.seen.now);
        let newest = |live: &Live| {
            (
                live.facts.first().map(|fact| fact.id),
                live.facts.last().map(|fact| fact.id),
            )
        };
        self.is_behind |= newest(&live) != newest(&self.seen);
        let usage = |usage: &record::Usage| Usage {
            at: usage.at,
            memory_bytes: usage.memory_bytes,
            memory_limit_bytes: usage.memory_limit_bytes,
            cpu_cores: usage.cpu_cores,
            cpu_limit_cores: usage.cpu_limit_cores,
            throttled_share: usage.throttled_share,
        };
        if live.usage != self.seen.usage {
            new = true;
            let used = live.usage.iter();
            self.usage = used.map(|(of, used)| (of.clone(), usage(used))).collect();
        }
        let lacks = Unseen::of([&*live]).lacks();
        new |= lacks != self.lacks;
        self.lacks = lacks;
        self.seen = live;
        new
    }

    /// Counts the callers that met a pod before it was out, once it is known what came of all of them.
    fn price(&mut self, asked: &[Asking], now: Timestamp) {
        let live = Arc::clone(&self.seen);
        // Requests are of this machine's clock, and traffic is of the cluster's.
        if !live.skew.is_zero() {
            self.priced = live.facts.last().map_or(self.priced, |fact| fact.id);
            return;
        }
        let oldest = live.facts.first().map_or(0, |fact| fact.id);
        self.met.retain(|met| u64::MAX - met.id >= oldest);
        let before = self.met.len();
        let new = live.facts.partition_point(|fact| fact.id <= self.priced);
        for fact in &live.facts[new..] {
            let settled = board::settled(fact);
            if settled.is_some_and(|settled| now < settled) {
                break;
            }
            self.priced = fact.id;
            if settled.is_some() {
                self.met.extend(
                    asked
                        .iter()
                        .find_map(|asking| board::met(fact, &live.facts, asking))
                        .map(Arc::new),
                );
            }
        }
        self.is_behind |= self.met.len() > before;
    }

    /// Takes what happened since, and says whether anything did.
    fn catch_up(&mut self, scope: &Scope) -> bool {
        if !std::mem::take(&mut self.is_behind) {
            return false;
        }
        let facts: Vec<_> = self.seen.facts.iter().chain(&self.met).cloned().collect();
        // No two of its facts have one id; if they had, what was known would stay.
        if let Ok(happened) = Happened::of(&facts, &scope.about, self.seen.skew) {
            self.happened = happened;
        }
        true
    }

    fn known<'a>(&'a self, scope: &'a Scope) -> Known<'a> {
        Known {
            namespace: &self.namespace,
            services: &self.seen.now.services,
            pods: &self.seen.now.pods,
            slices: &self.seen.now.slices,
            happened: &self.happened,
            usage: &self.usage,
            about: &scope.about,
            lacks: &self.lacks,
        }
    }
}

/// Waits until one of them is told something.
async fn told(rooms: &mut [Room]) {
    let changes = rooms.iter_mut().map(|room| Box::pin(room.live.changed()));
    if select_all(changes).await.0.is_err() {
        // Nobody tells any more, and whoever has ended the watches says why.
        pending::<()>().await;
    }
}

/// Whether the objects that are shown are the same. What was not told anew is the same `Arc`.
fn is_shown_alike(one: &Listed, other: &Listed) -> bool {
    fn same<K>(one: &[Arc<K>], other: &[Arc<K>]) -> bool {
        one.len() == other.len() && one.iter().zip(other).all(|(one, other)| Arc::ptr_eq(one, other))
    }
    same(&one.pods, &other.pods) && same(&one.slices, &other.slices) && same(&one.services, &other.services)
}

/// Sends one request, and tells what came of it. Where nobody takes the answers any more, it is forgotten.
fn send(tell: &mpsc::Sender<Answer>, id: String, base: &str, path: &str) {
    let (tell, url, path, at) = (
        tell.clone(),
        format!("{base}{path}"),
        path.to_owned(),
        Timestamp::now(),
    );
    tokio::spawn(async move {
        let (outcome, by) = callers::ask(&url).await;
        let _ = tell.try_send((
            id,
            Request {
                at,
                path,
                outcome,
                by,
            },
        ));
    });
}
