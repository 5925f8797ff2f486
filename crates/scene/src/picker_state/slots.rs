//! A table of slots: the number of each server's, and those around the key's own.

use super::{PickerStateView, Row};
use crate::chart::axes::AxisUnit;
use crate::chart::bars::{self, Bar, Bars};
use crate::chart::{Chart, FocusPoint};
use crate::layout::Rect;
use crate::shape::Paint;
use crate::svg::{Anchor, Label, Style, rect};
use crate::words::{percent, thousands};
use evenkeel_sim::balance::picker::Reason;
use evenkeel_words::t;

/// The side of a cell.
const CELL: f64 = 24.0;
/// The room above the cells for their heading.
const HEAD: f64 = 26.0;
/// The most rows of cells.
const ROWS: usize = 4;

/// One row for each server: the number of its slots.
pub(super) fn rows(inside: &PickerStateView<'_>, slots: &[u32]) -> Vec<Row> {
    let all = slots.len().max(1) as f64;
    let row = |slot: usize| {
        let owned = slots
            .iter()
            .filter(|owner| **owner as usize == slot)
            .count();
        let text = t!(
            "inside.slots",
            server = inside.name(slot),
            owned = thousands(owned as u64),
            all = thousands(slots.len() as u64),
            part = percent(owned as f64 / all)
        );
        Row {
            slot,
            amount: owned as f64,
            text,
        }
    };
    let rows = (0..inside.endpoints.len()).map(row);
    rows.map(|row| inside.told(row)).collect()
}

/// The slot that the last key named.
fn named(inside: &PickerStateView<'_>) -> Option<usize> {
    match inside.reason()? {
        Reason::HashSlot { slot, .. } => Some(slot as usize),
        _ => None,
    }
}

/// Bars above, cells below.
pub(super) fn draw(inside: &PickerStateView<'_>, slots: &[u32], width: f64) -> Chart {
    let rows = rows(inside, slots);
    let bar = |row: &Row| Bar {
        key: row.slot as u64,
        name: inside.name(row.slot),
        amount: row.amount,
        asked: None,
        look: (inside.paint(row.slot), 1.0),
        text: row.text.clone(),
    };
    let bars = Bars::described(rows.iter().map(bar).collect(), t!("inside.axis.slots"));
    let mut chart = bars::draw(&bars, AxisUnit::Count, width);
    let across = ((width / CELL) as usize).max(1);
    let most = across * ROWS;
    let key = named(inside);
    // A table that does not fit is shown around the key's slot.
    let first = if slots.len() <= most {
        0
    } else {
        let middle = key.unwrap_or(0).saturating_sub(across / 2);
        middle.min(slots.len() - across)
    };
    let count = if slots.len() <= most {
        slots.len()
    } else {
        across
    };
    let top = chart.height + HEAD;
    if count > 0 {
        let last = first + count - 1;
        let head = t!("inside.cells", first = first, last = last);
        chart.shapes.push(Label::new(0.0, top - 9.0, head).into());
    }
    for (place, owner) in slots[first..first + count].iter().enumerate() {
        let number = first + place;
        let (x, y) = (
            (place % across) as f64 * CELL,
            top + (place / across) as f64 * CELL,
        );
        let mine = key == Some(number);
        let mut style = Style::line(Paint::Edge, 1.0);
        if mine {
            style = Style::line(Paint::Focus, 2.5);
        }
        let inner = CELL - 4.0;
        chart
            .shapes
            .push(rect(x + 1.0, y + 1.0, inner, inner, style));
        let name = inside.name(*owner as usize);
        let label = Label::new(x + CELL / 2.0 - 1.0, y + 16.0, name.as_str());
        let label = if mine { label.strong() } else { label };
        let label = label.painted(inside.paint(*owner as usize));
        chart.shapes.push(label.anchored(Anchor::Middle).into());
        let text = if mine {
            t!("inside.cell.key", number = number, server = name)
        } else {
            t!("inside.cell", number = number, server = name)
        };
        chart.stops.push(FocusPoint {
            key: 1_000_000 + number as u64,
            area: Rect {
                x: x + 1.0,
                y: y + 1.0,
                width: inner,
                height: inner,
            },
            dots: Vec::new(),
            text,
        });
    }
    chart.height = top + count.div_ceil(across) as f64 * CELL + 4.0;
    chart
}
