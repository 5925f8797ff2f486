//! What is drawn in one frame, as plain data: wires, marks, slots and a few numbers.
//!
//! A [`Scene`] is made once and filled anew in each frame; in the steady state it allocates nothing.

use super::flight::Flights;
use super::layout::{Layout, Point, Rect};
use super::path::Path;
use super::wires::Wires;
use super::worker_slots::WorkerSlots;
use evenkeel_sim::ids::ServerId;

/// A colour by its meaning. The page knows what it looks like in light, dark and forced colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// Text, strong lines.
    Ink,
    /// Secondary text, probes.
    InkSoft,
    /// The surface that the stage is drawn on.
    Card,
    /// Wires.
    Edge,
    /// Server 1, 9, …: see [`Paint::of_server`].
    Server0,
    /// Server 2, 10, ….
    Server1,
    /// Server 3, 11, ….
    Server2,
    /// Server 4, 12, ….
    Server3,
    /// Server 5, 13, ….
    Server4,
    /// Server 6, 14, ….
    Server5,
    /// Server 7, 15, ….
    Server6,
    /// Server 8, 16, ….
    Server7,
    /// What took too long.
    Late,
    /// All is well.
    Healthy,
    /// Something failed.
    Down,
    /// Not to be used.
    Draining,
    /// Hairlines that carry no meaning.
    Line,
    /// What has the focus or was chosen.
    Focus,
    /// Not as it should be.
    Degraded,
}

impl Paint {
    /// The page's name for it, as a style sheet writes it.
    #[must_use]
    pub const fn token(self) -> &'static str {
        match self {
            Self::Ink => "var(--ink)",
            Self::InkSoft => "var(--ink-soft)",
            Self::Card => "var(--card)",
            Self::Edge => "var(--edge)",
            Self::Server0 => "var(--s0)",
            Self::Server1 => "var(--s1)",
            Self::Server2 => "var(--s2)",
            Self::Server3 => "var(--s3)",
            Self::Server4 => "var(--s4)",
            Self::Server5 => "var(--s5)",
            Self::Server6 => "var(--s6)",
            Self::Server7 => "var(--s7)",
            Self::Late => "var(--late)",
            Self::Healthy => "var(--healthy)",
            Self::Down => "var(--down)",
            Self::Draining => "var(--draining)",
            Self::Line => "var(--line)",
            Self::Focus => "var(--focus)",
            Self::Degraded => "var(--degraded)",
        }
    }
}

/// The colours of servers, in order. Two that are far apart in the list look least alike.
const SERVERS: [Paint; 8] = [
    Paint::Server0,
    Paint::Server1,
    Paint::Server2,
    Paint::Server3,
    Paint::Server4,
    Paint::Server5,
    Paint::Server6,
    Paint::Server7,
];

impl Paint {
    /// The colour of a server, by its identity: it keeps it when others come and go. From the ninth
    /// server on the colours repeat; letter, place and wire tell such servers apart.
    #[must_use]
    pub const fn of_server(id: ServerId) -> Self {
        SERVERS[id.index() % SERVERS.len()]
    }

    /// Whether it is a server's own colour.
    #[must_use]
    pub fn is_of_a_server(self) -> bool {
        SERVERS.contains(&self)
    }
}

/// Every paint, in the order of its number.
pub const PAINTS: [Paint; 19] = [
    Paint::Ink,
    Paint::InkSoft,
    Paint::Card,
    Paint::Edge,
    Paint::Server0,
    Paint::Server1,
    Paint::Server2,
    Paint::Server3,
    Paint::Server4,
    Paint::Server5,
    Paint::Server6,
    Paint::Server7,
    Paint::Late,
    Paint::Healthy,
    Paint::Down,
    Paint::Draining,
    Paint::Line,
    Paint::Focus,
    Paint::Degraded,
];

/// The form of a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glyph {
    /// A page.
    Circle,
    /// A static file.
    Square,
    /// A checkout.
    Diamond,
    /// A gRPC call.
    Triangle,
    /// A WebSocket.
    Hexagon,
    /// A failure.
    Cross,
    /// A check on its way to a server: a ring with a plus.
    ProbeOut,
    /// A check that passed: a ring with a tick.
    ProbePass,
    /// A check that failed: a ring with a cross.
    ProbeFail,
}

impl Glyph {
    /// The corners of a form that has some, around its middle, for a size of 1.
    #[must_use]
    pub const fn corners(self) -> &'static [(f64, f64)] {
        match self {
            Self::Diamond => &[(0.0, -1.25), (1.25, 0.0), (0.0, 1.25), (-1.25, 0.0)],
            // Its middle of mass is at the origin, so that it does not seem to sit beside its wire.
            Self::Triangle => &[(0.0, -1.3125), (1.25, 0.875), (-1.25, 0.875)],
            Self::Hexagon => &[
                (-1.1, 0.0),
                (-0.55, -0.957),
                (0.55, -0.957),
                (1.1, 0.0),
                (0.55, 0.957),
                (-0.55, 0.957),
            ],
            _ => &[],
        }
    }
}

/// How a mark is drawn. Later ones are drawn over earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkStyle {
    /// An outline filled with the surface: an answer.
    Hollow,
    /// Filled: a request.
    Filled,
    /// Hollow with a cross in it: a failed one on its way back.
    Crossed,
    /// Lines alone.
    Line,
}

/// Every finish, in the order of drawing.
pub const FINISHES: [MarkStyle; 4] = [
    MarkStyle::Hollow,
    MarkStyle::Filled,
    MarkStyle::Crossed,
    MarkStyle::Line,
];

/// A request, an answer, a check or a failure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RequestMark {
    /// Its middle.
    pub at: Point,
    /// About its radius.
    pub size: f64,
    /// Its form.
    pub glyph: Glyph,
    /// 1 is solid, 0 is gone.
    pub opacity: f64,
    /// In an envelope: whoever carries it cannot read it (L4).
    pub sealed: bool,
    /// The number of the request it is; `None` for what is none.
    pub request: Option<u64>,
}

/// A line along a path.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stroke {
    /// Which path: see [`Scene::path`].
    pub path: usize,
    /// Its colour.
    pub paint: Paint,
    /// Its width.
    pub width: f64,
    /// How it is broken.
    pub dash: Dash,
}

/// How a line is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dash {
    /// Not at all.
    Solid,
    /// Short dashes: nothing gets through.
    Broken,
    /// Long dashes: nothing new is sent.
    Resting,
}

/// The place of one worker.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WorkerSlot {
    /// Where.
    pub rect: Rect,
    /// How much of the work is done, 0 to 1, and in which colour; `None` while it is idle.
    pub work: Option<(f64, Paint)>,
}

/// One of many servers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GridCell {
    /// Where.
    pub rect: Rect,
    /// What the balancer believes of it, as a colour.
    pub paint: Paint,
    /// How full it is, 0 to 1.
    pub filled: f64,
    /// Something is wrong with the machine in truth.
    pub crossed: bool,
    /// It is the one with a card.
    pub chosen: bool,
}

/// How many requests are on a way that is drawn as a stream.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stream {
    /// The middle of the number.
    pub at: Point,
    /// From where to where.
    pub from: Point,
    /// See [`Self::from`].
    pub to: Point,
    /// How many.
    pub count: usize,
}

/// "+12": how many more there are than could be drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct More {
    /// The left end of its base line.
    pub at: Point,
    /// How many.
    pub count: usize,
}

/// A status beside the cross of a request that was turned away: "429".
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Status {
    /// The left end of its base line.
    pub at: Point,
    /// The status.
    pub code: u16,
    /// 1 is solid, 0 is gone.
    pub opacity: f64,
}

/// Everything to be drawn in one frame.
#[derive(Clone, Debug)]
pub struct Scene {
    /// Lines.
    pub strokes: Vec<Stroke>,
    /// Workers.
    pub slots: Vec<WorkerSlot>,
    /// The servers of a grid.
    pub cells: Vec<GridCell>,
    /// Requests on their way, where there are too many to be drawn each.
    pub streams: Vec<Stream>,
    /// Numbers.
    pub more: Vec<More>,
    /// Statuses.
    pub statuses: Vec<Status>,
    /// So many marks that each is but a small square.
    pub crowded: bool,
    marks: Vec<Vec<RequestMark>>,
    pub(super) wires: Wires,
    pub(super) places: WorkerSlots,
    pub(super) flights: Flights,
}

impl Default for Scene {
    fn default() -> Self {
        Self {
            strokes: Vec::new(),
            slots: Vec::new(),
            cells: Vec::new(),
            streams: Vec::new(),
            more: Vec::new(),
            statuses: Vec::new(),
            crowded: false,
            marks: vec![Vec::new(); PAINTS.len() * FINISHES.len()],
            wires: Wires::default(),
            places: WorkerSlots::default(),
            flights: Flights::default(),
        }
    }
}

impl Scene {
    /// Empties the scene for the next frame, keeping its memory.
    pub(super) fn begin(&mut self, layout: &Layout, crowded: bool) {
        self.strokes.clear();
        self.slots.clear();
        self.cells.clear();
        self.streams.clear();
        self.more.clear();
        self.statuses.clear();
        for bucket in &mut self.marks {
            bucket.clear();
        }
        self.crowded = crowded;
        self.wires.lay(layout);
    }

    /// Adds a mark.
    pub(super) fn mark(&mut self, paint: Paint, finish: MarkStyle, mark: RequestMark) {
        self.marks[finish as usize * PAINTS.len() + paint as usize].push(mark);
    }

    /// The marks of one colour and finish: changing a colour costs more than drawing a mark, so
    /// they are kept apart.
    #[must_use]
    pub fn marks(&self, paint: Paint, finish: MarkStyle) -> &[RequestMark] {
        &self.marks[finish as usize * PAINTS.len() + paint as usize]
    }

    /// All marks.
    pub fn all_marks(&self) -> impl Iterator<Item = (Paint, MarkStyle, &RequestMark)> {
        let kinds = FINISHES
            .iter()
            .flat_map(|&finish| PAINTS.iter().map(move |&paint| (paint, finish)));
        kinds.flat_map(|(paint, finish)| {
            self.marks(paint, finish)
                .iter()
                .map(move |mark| (paint, finish, mark))
        })
    }

    /// The path of a stroke.
    #[must_use]
    pub fn path(&self, stroke: &Stroke) -> &Path {
        self.wires.drawn(stroke.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_in_the_order_of_their_numbers() {
        for (number, &paint) in PAINTS.iter().enumerate() {
            assert_eq!(paint as usize, number);
        }
        for (number, &finish) in FINISHES.iter().enumerate() {
            assert_eq!(finish as usize, number);
        }
    }
}
