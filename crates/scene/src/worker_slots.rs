//! The inside of a server: its workers as slots, then its queue.

use super::build::glyph_of;
use super::layout::{Point, Rect};
use super::shape::{Glyph, MarkStyle, More, Paint, RequestMark, Scene, WorkerSlot};
use evenkeel_sim::engine::request::Phase;
use evenkeel_sim::engine::view::View;
use evenkeel_sim::fleet::server::{Job, Server};
use evenkeel_sim::ids::{RequestKey, ServerId};
use evenkeel_sim::time::SimTime;

/// The distance between two places.
const PITCH: f64 = 16.0;
/// The space between the workers and the queue.
const GAP: f64 = 8.0;
/// The largest share of the strip that workers may take.
const WORKERS_PART: f64 = 0.6;
/// The number of places that the count of undrawn requests takes.
const MORE_PLACES: usize = 2;

/// The slot of each running request. The server's own list moves up when a job ends; here a request keeps its slot, so
/// that nothing jumps.
#[derive(Clone, Debug, Default)]
pub struct WorkerSlots {
    /// The slots of each server, by server identity.
    slots: Vec<Vec<Option<RequestKey>>>,
}

impl WorkerSlots {
    /// Puts the running requests of a server into `count` slots: old ones stay, new ones take the first free slot.
    fn seat(&mut self, server: &Server, count: usize) -> &[Option<RequestKey>] {
        let index = server.id.index();
        if self.slots.len() <= index {
            self.slots.resize_with(index + 1, Vec::new);
        }
        let slots = &mut self.slots[index];
        slots.resize(count, None);
        let running = server.running();
        for slot in slots.iter_mut() {
            if slot.is_some_and(|key| running.iter().all(|job| job.key != key)) {
                *slot = None;
            }
        }
        for job in running {
            if !slots.contains(&Some(job.key))
                && let Some(free) = slots.iter_mut().find(|slot| slot.is_none())
            {
                *free = Some(job.key);
            }
        }
        slots
    }
}

/// The positions of the places of one strip.
struct Strip {
    rect: Rect,
    cell: f64,
    workers: usize,
    queue: usize,
}

impl Strip {
    fn new(rect: Rect, workers: usize) -> Self {
        let cell = (PITCH - 2.0).min(rect.height);
        let fit = |width: f64| (width.max(0.0) / PITCH) as usize;
        let all = fit(rect.width);
        let workers = workers.min(fit(rect.width * WORKERS_PART)).max(1).min(all);
        let queue = fit(rect.width - workers as f64 * PITCH - GAP);
        Self {
            rect,
            cell,
            workers,
            queue,
        }
    }

    /// The cell of a worker.
    fn worker(&self, place: usize) -> Rect {
        self.cell_at(self.rect.x + place as f64 * PITCH)
    }

    /// The cell of a waiting request.
    fn waiting(&self, place: usize) -> Rect {
        self.cell_at(self.rect.x + (self.workers + place) as f64 * PITCH + GAP)
    }

    fn cell_at(&self, x: f64) -> Rect {
        Rect {
            x,
            y: self.rect.y + (self.rect.height - self.cell) / 2.0,
            width: self.cell,
            height: self.cell,
        }
    }
}

/// Draws the inside of every server.
pub(super) fn servers(view: View<'_>, scene: &mut Scene) {
    for member in view.members() {
        let Some(place) = scene.wires.place(member.server.id) else {
            continue;
        };
        let rect = scene.wires.layout().servers[place].work;
        if rect.width < PITCH || rect.height <= 0.0 {
            continue;
        }
        let strip = Strip::new(rect, member.server.spec.workers as usize);
        running(view, member.server, &strip, scene);
        waiting(view, member.server, &strip, scene);
    }
}

fn running(view: View<'_>, server: &Server, strip: &Strip, scene: &mut Scene) {
    let hidden = server.running().len().saturating_sub(strip.workers);
    let mut places = std::mem::take(&mut scene.places);
    let seats = places.seat(server, strip.workers);
    for (place, seat) in seats.iter().enumerate() {
        let rect = strip.worker(place);
        let job = seat.and_then(|key| server.running().iter().find(|job| job.key == key));
        let last = place + 1 == strip.workers;
        if hidden > 0 && last {
            scene.more.push(more(rect, hidden + 1));
            continue;
        }
        let work = job.map(|job| {
            let paint = put(view, server.id, (job.key, job.attempt), rect, scene);
            (done(view, job), paint)
        });
        scene.slots.push(WorkerSlot { rect, work });
    }
    scene.places = places;
}

fn waiting(view: View<'_>, server: &Server, strip: &Strip, scene: &mut Scene) {
    let queue = server.waiting();
    let shown = if queue.len() > strip.queue {
        strip.queue.saturating_sub(MORE_PLACES)
    } else {
        queue.len()
    };
    for (place, one) in queue.iter().take(shown).enumerate() {
        put(
            view,
            server.id,
            (one.key, one.attempt),
            strip.waiting(place),
            scene,
        );
    }
    if queue.len() > shown {
        let count = queue.len() - shown;
        scene.more.push(more(strip.waiting(shown), count));
    }
}

fn more(cell: Rect, count: usize) -> More {
    More {
        at: Point {
            x: cell.x,
            y: cell.y + cell.height / 2.0 + 4.0,
        },
        count,
    }
}

/// The share of a running job that is done, 0 to 1; 0 while the server hangs.
fn done(view: View<'_>, job: &Job) -> f64 {
    let since = view
        .request(job.key)
        .and_then(|request| match request.phase {
            Phase::InService { since } => Some(since),
            _ => None,
        });
    match since {
        Some(since) if job.done_at() != SimTime::FAR => {
            let whole = job.done_at().since(since).as_us().max(1);
            (view.now().since(since).as_us() as f64 / whole as f64).min(1.0)
        }
        _ => 0.0,
    }
}

/// Draws a request in a cell. If it was given up while a worker processes it, a grey ring.
fn put(
    view: View<'_>,
    server: ServerId,
    (key, attempt): (RequestKey, u32),
    cell: Rect,
    scene: &mut Scene,
) -> Paint {
    let owner = view
        .request(key)
        .filter(|request| request.attempt == attempt && request.current.is_some());
    let kind = owner.as_ref().map(|request| view.kind_of(request));
    let request = owner.map(|request| request.number);
    let (paint, finish, glyph) = match kind {
        Some(kind) => (Paint::of_server(server), MarkStyle::Filled, glyph_of(kind)),
        None => (Paint::Draining, MarkStyle::Hollow, Glyph::Circle),
    };
    let mark = RequestMark {
        at: Point {
            x: cell.x + cell.width / 2.0,
            y: cell.y + cell.height / 2.0,
        },
        size: cell.width * 0.33,
        glyph,
        opacity: 1.0,
        // The server reads what it is sent, whatever the balancer could read.
        sealed: false,
        request,
    };
    scene.mark(paint, finish, mark);
    paint
}
