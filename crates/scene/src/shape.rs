//! The shapes of one frame, as plain data: wires, marks, slots and a few numbers.
//!
//! A [`Scene`] is made once and filled anew in each frame; after a while it allocates nothing.

use super::flight::Flights;
use super::layout::{Layout, Point, Rect};
use super::path::Path;
use super::wires::Wires;
use super::worker_slots::WorkerSlots;
use evenkeel_sim::ids::ServerId;

/// A colour by its meaning. The page has its values in light, dark and forced colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// For text and strong lines.
    Ink,
    /// For secondary text and probes.
    InkSoft,
    /// The surface that the stage is drawn on.
    Card,
    /// For the lines of wires.
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
    /// For what took too long.
    Late,
    /// For servers that are well.
    Healthy,
    /// For servers that are down, and failures.
    Down,
    /// For servers that are not to be used.
    Draining,
    /// Hairlines that carry no meaning.
    Line,
    /// For what has the focus or was chosen.
    Focus,
    /// For servers that are degraded.
    Degraded,
}

impl Paint {
    /// The name of the colour in style sheets.
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
    /// The colour of a server, by its identity: it stays when others come and go. From the ninth server on the colours
    /// repeat; letter, place and wire tell such servers apart.
    #[must_use]
    pub const fn of_server(id: ServerId) -> Self {
        SERVERS[id.index() % SERVERS.len()]
    }

    /// Whether it is the colour of a server.
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

/// The shape of a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glyph {
    /// A request for a page.
    Circle,
    /// A request for a static file.
    Square,
    /// A request for a checkout.
    Diamond,
    /// A request by gRPC.
    Triangle,
    /// A request for a WebSocket.
    Hexagon,
    /// A request that failed.
    Cross,
    /// A probe on its way to a server: a ring with a plus.
    ProbeOut,
    /// A probe that passed: a ring with a tick.
    ProbePass,
    /// A probe that failed: a ring with a cross.
    ProbeFail,
}

impl Glyph {
    /// The corners of a shape, around its middle, for a size of 1; empty for a shape without corners.
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

/// The finish of a mark. Later ones are drawn over earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkStyle {
    /// An outline filled with the surface: a response.
    Hollow,
    /// Filled: a request.
    Filled,
    /// Hollow with a cross in it: a failed response.
    Crossed,
    /// Drawn with lines alone.
    Line,
}

/// All finishes, in the order of drawing.
pub const FINISHES: [MarkStyle; 4] = [
    MarkStyle::Hollow,
    MarkStyle::Filled,
    MarkStyle::Crossed,
    MarkStyle::Line,
];

/// The mark of a request, a response, a probe or a failure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RequestMark {
    /// The middle of the mark.
    pub at: Point,
    /// About the radius of the mark.
    pub size: f64,
    /// The shape of the mark.
    pub glyph: Glyph,
    /// The opacity: 1 is solid, 0 is invisible.
    pub opacity: f64,
    /// Whether it is drawn in an envelope: the balancer cannot read it (L4).
    pub sealed: bool,
    /// The number of the request; `None` if the mark is no request.
    pub request: Option<u64>,
}

/// A line along a path.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stroke {
    /// The index of the path: see [`Scene::path`].
    pub path: usize,
    /// The colour of the line.
    pub paint: Paint,
    /// The width of the line.
    pub width: f64,
    /// The dashes of the line.
    pub dash: Dash,
}

/// The dashes of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dash {
    /// A solid line without dashes.
    Solid,
    /// Short dashes: no packet gets through.
    Broken,
    /// Long dashes: no new request is sent.
    Resting,
}

/// The slot of one worker.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WorkerSlot {
    /// The place of the slot.
    pub rect: Rect,
    /// The share of the work that is done, 0 to 1, and its colour; `None` while the worker is idle.
    pub work: Option<(f64, Paint)>,
}

/// The cell of one server in a grid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GridCell {
    /// The place of the cell.
    pub rect: Rect,
    /// The balancer's belief, as a colour.
    pub paint: Paint,
    /// The share of the cell that is filled, 0 to 1.
    pub filled: f64,
    /// Whether the server has a fault in truth.
    pub crossed: bool,
    /// Whether the server has a card as well.
    pub chosen: bool,
}

/// The number of requests on a wire that is drawn as a stream.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stream {
    /// The middle of the number.
    pub at: Point,
    /// The start of the stream.
    pub from: Point,
    /// The end of the stream.
    pub to: Point,
    /// The number of requests.
    pub count: usize,
}

/// "+12": the number of requests beyond those that could be drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct More {
    /// The left end of the number's base line.
    pub at: Point,
    /// The number of requests that are not drawn.
    pub count: usize,
}

/// A status beside the cross of a request that was rejected: "429".
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Status {
    /// The left end of the status's base line.
    pub at: Point,
    /// The HTTP status, like 429.
    pub code: u16,
    /// The opacity: 1 is solid, 0 is invisible.
    pub opacity: f64,
}

/// All shapes of one frame.
#[derive(Clone, Debug)]
pub struct Scene {
    /// The lines of the wires.
    pub strokes: Vec<Stroke>,
    /// The slots of workers.
    pub slots: Vec<WorkerSlot>,
    /// The servers of a grid.
    pub cells: Vec<GridCell>,
    /// The streams, where there are too many requests to draw each.
    pub streams: Vec<Stream>,
    /// The numbers of requests that are not drawn.
    pub more: Vec<More>,
    /// The statuses of rejected requests.
    pub statuses: Vec<Status>,
    /// Whether there are so many marks that each is a small square.
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
    /// Empties the scene for the next frame of the stage, keeping its memory.
    pub(super) fn begin(&mut self, layout: &Layout, crowded: bool) {
        self.clear();
        self.crowded = crowded;
        self.wires.lay(layout);
    }

    /// Empties the scene for the next frame of a picture without wires of its own, keeping its memory.
    pub(super) fn clear(&mut self) {
        self.strokes.clear();
        self.slots.clear();
        self.cells.clear();
        self.streams.clear();
        self.more.clear();
        self.statuses.clear();
        for bucket in &mut self.marks {
            bucket.clear();
        }
        self.crowded = false;
    }

    /// Adds a mark to the frame.
    pub(super) fn mark(&mut self, paint: Paint, finish: MarkStyle, mark: RequestMark) {
        self.marks[finish as usize * PAINTS.len() + paint as usize].push(mark);
    }

    /// The marks of one colour and finish: changing a colour costs more than drawing a mark, so they are grouped.
    #[must_use]
    pub fn marks(&self, paint: Paint, finish: MarkStyle) -> &[RequestMark] {
        &self.marks[finish as usize * PAINTS.len() + paint as usize]
    }

    /// All marks, with their colours and finishes.
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
