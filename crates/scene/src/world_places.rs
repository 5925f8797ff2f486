//! Where the cards of sites and the names of cities stand on the map, so that they hide as little as possible.
//!
//! The places depend on the size of the map and on the scene alone, never on the run: nothing moves while it runs.

use super::layout::{Point, Rect};
use super::world_map::Arc;

/// The directions from a thing to what is beside it: up, down, right and left first, then the corners, then those
/// between.
const SIDES: [(f64, f64); 16] = [
    (0.0, -1.0),
    (0.0, 1.0),
    (1.0, 0.0),
    (-1.0, 0.0),
    (1.0, -1.0),
    (-1.0, -1.0),
    (1.0, 1.0),
    (-1.0, 1.0),
    (0.6, -1.0),
    (-0.6, -1.0),
    (0.6, 1.0),
    (-0.6, 1.0),
    (1.0, -0.6),
    (-1.0, -0.6),
    (1.0, 0.6),
    (-1.0, 0.6),
];
/// The least distance between two boxes, in pixels.
const APART: f64 = 6.0;
/// The distance from the edge of the place, in pixels.
const RIM: f64 = 6.0;
/// How often the boxes are placed anew round those that stand by then.
const ROUNDS: usize = 3;
/// The number of points of an arc that a box may cover.
const STEPS: u32 = 24;
/// The cost of covering a dot, of covering the whole of an arc, and of each pixel between a box and its thing.
const COSTS: (f64, f64, f64) = (4_000.0, 260.0, 1.0);
/// The cost of standing nearer to the thing of another box: a reader would take it for that one's.
const STRANGE: f64 = 1_500.0;

/// A box with what it belongs to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Beside {
    /// The middle of the thing that the box stands beside.
    pub at: Point,
    /// The radius of that thing.
    pub radius: f64,
    /// The width and height of the box.
    pub size: (f64, f64),
}

/// What is on the map already.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings<'a> {
    /// The part of the map where boxes may stand.
    pub place: Rect,
    /// The boxes that stand there already and are not to be touched.
    pub taken: &'a [Rect],
    /// The dots that should stay in sight, with their radius.
    pub dots: &'a [(Point, f64)],
    /// The arcs, with their share of all users in thousandths: the busiest should stay in sight.
    pub arcs: &'a [(Arc, u32)],
}

/// A place for each box, in their order; `None` for a box that fits nowhere without touching another one.
#[must_use]
pub fn place_boxes(boxes: &[Beside], gaps: &[f64], around: &Surroundings<'_>) -> Vec<Option<Rect>> {
    let mut placed: Vec<Option<Rect>> = vec![None; boxes.len()];
    for _ in 0..ROUNDS {
        for (index, one) in boxes.iter().enumerate() {
            placed[index] = None;
            let mut best: Option<(f64, Rect)> = None;
            for (rect, gap) in candidates(one, gaps) {
                let Some(rect) = moved_within(rect, &around.place) else {
                    continue;
                };
                let others = around.taken.iter().chain(placed.iter().flatten());
                if others.into_iter().any(|it| touch(&rect, it)) {
                    continue;
                }
                let cost = cost(&rect, gap, around) + strange(&rect, boxes, index);
                if best.is_none_or(|(least, _)| cost < least) {
                    best = Some((cost, rect));
                }
            }
            placed[index] = best.map(|(_, rect)| rect);
        }
    }
    placed
}

fn candidates<'a>(one: &'a Beside, gaps: &'a [f64]) -> impl Iterator<Item = (Rect, f64)> + 'a {
    let (width, height) = one.size;
    gaps.iter().flat_map(move |gap| {
        SIDES.iter().map(move |(right, down)| {
            let away = one.radius + gap;
            // Beside a corner the box touches the thing's own corner, not its middle.
            let x = one.at.x + right * (away + width / 2.0) - width / 2.0;
            let y = one.at.y + down * (away + height / 2.0) - height / 2.0;
            let rect = Rect {
                x,
                y,
                width,
                height,
            };
            (rect, *gap)
        })
    })
}

fn cost(rect: &Rect, gap: f64, around: &Surroundings<'_>) -> f64 {
    let (dot, arc, pixel) = COSTS;
    let hidden = around.dots.iter().filter(|(at, radius)| {
        let near = |low: f64, length: f64, at: f64| at > low - radius && at < low + length + radius;
        near(rect.x, rect.width, at.x) && near(rect.y, rect.height, at.y)
    });
    let crossed = around.arcs.iter().map(|(line, users)| {
        let inside = |step: &u32| contains(rect, line.at(f64::from(*step) / f64::from(STEPS)).at);
        let covered = (1..STEPS).filter(inside).count() as f64 / f64::from(STEPS);
        covered * (1.0 + f64::from(*users) / 50.0)
    });
    hidden.count() as f64 * dot + crossed.sum::<f64>() * arc + gap * pixel
}

/// The cost of a place that is nearer to another box's thing than to the box's own.
fn strange(rect: &Rect, boxes: &[Beside], own: usize) -> f64 {
    let away = |one: &Beside| {
        let x = (one.at.x - one.at.x.clamp(rect.x, rect.x + rect.width)).abs();
        let y = (one.at.y - one.at.y.clamp(rect.y, rect.y + rect.height)).abs();
        libm::hypot(x, y)
    };
    let least = away(&boxes[own]);
    let others = boxes.iter().enumerate().filter(|(index, _)| *index != own);
    if others.into_iter().any(|(_, other)| away(other) <= least) {
        STRANGE
    } else {
        0.0
    }
}

fn contains(rect: &Rect, at: Point) -> bool {
    (rect.x..rect.x + rect.width).contains(&at.x) && (rect.y..rect.y + rect.height).contains(&at.y)
}

/// The same box as near as it can be within a place; `None` if the place is too small for it.
fn moved_within(rect: Rect, place: &Rect) -> Option<Rect> {
    let moved = |at: f64, length: f64, from: f64, whole: f64| {
        let (least, most) = (from + RIM, from + whole - RIM - length);
        (least <= most).then(|| at.clamp(least, most))
    };
    Some(Rect {
        x: moved(rect.x, rect.width, place.x, place.width)?,
        y: moved(rect.y, rect.height, place.y, place.height)?,
        ..rect
    })
}

fn touch(a: &Rect, b: &Rect) -> bool {
    a.x < b.x + b.width + APART
        && b.x < a.x + a.width + APART
        && a.y < b.y + b.height + APART
        && b.y < a.y + a.height + APART
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(x: f64, y: f64) -> Point {
        Point { x, y }
    }

    fn place() -> Rect {
        Rect {
            x: 0.0,
            y: 0.0,
            width: 600.0,
            height: 300.0,
        }
    }

    fn card(x: f64, y: f64) -> Beside {
        Beside {
            at: at(x, y),
            radius: 9.0,
            size: (150.0, 60.0),
        }
    }

    #[test]
    fn boxes_do_not_touch_one_another_and_stay_within() {
        let boxes = [card(300.0, 150.0), card(310.0, 150.0), card(590.0, 10.0)];
        let around = Surroundings {
            place: place(),
            taken: &[],
            dots: &[],
            arcs: &[],
        };
        let placed = place_boxes(&boxes, &[6.0, 40.0], &around);
        let rects: Vec<Rect> = placed
            .into_iter()
            .map(|one| one.expect("there is room"))
            .collect();
        for (index, rect) in rects.iter().enumerate() {
            assert_eq!(moved_within(*rect, &place()), Some(*rect));
            assert!(rects[..index].iter().all(|other| !touch(rect, other)));
        }
    }

    #[test]
    fn a_box_leaves_dots_and_busy_arcs_in_sight() {
        let boxes = [card(300.0, 150.0)];
        // Above it a dot, to its right and left an arc: below it there is nothing.
        let dots = [(at(300.0, 110.0), 4.0)];
        let arcs = [(Arc::between(at(20.0, 150.0), at(580.0, 150.0)), 300)];
        let around = Surroundings {
            place: place(),
            taken: &[],
            dots: &dots,
            arcs: &arcs,
        };
        let rect = place_boxes(&boxes, &[6.0], &around)[0].expect("there is room");
        assert!(rect.y > 150.0, "{rect:?}");
    }

    #[test]
    fn a_box_without_room_has_no_place() {
        let around = Surroundings {
            place: place(),
            taken: &[place()],
            dots: &[],
            arcs: &[],
        };
        assert_eq!(
            place_boxes(&[card(300.0, 150.0)], &[6.0, 60.0], &around),
            [None]
        );
    }
}
