//! The request under the pointer, on the stage.

use super::layout::Point;
use super::shape::Scene;

/// The number of the request drawn nearest to a point, within `reach` pixels of its edge; of equals
/// the one drawn last, which lies on top.
#[must_use]
pub fn request_at(scene: &Scene, at: Point, reach: f64) -> Option<u64> {
    let mut best: Option<(f64, u64)> = None;
    for (_, _, mark) in scene.all_marks() {
        let Some(number) = mark.request else { continue };
        let (dx, dy) = (mark.at.x - at.x, mark.at.y - at.y);
        let distance = ((dx * dx + dy * dy).sqrt() - mark.size).max(0.0);
        if distance <= reach && best.is_none_or(|(least, _)| distance <= least) {
            best = Some((distance, number));
        }
    }
    best.map(|(_, number)| number)
}
