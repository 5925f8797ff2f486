//! The controls that the cards of the stage have no room for. The style sheet decides it by the size of the stage
//! (`style/stage.css`); the settings sheet has these controls.

use web_sys::Element;

use leptos::prelude::window;

/// The controls that the cards do not show at the present size of the stage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Folded {
    /// Traffic, the implementation of the algorithm, checks, and the button that adds a server.
    pub settings: bool,
    /// The weight of each server.
    pub weights: bool,
    /// The menu of each server.
    pub menus: bool,
    /// From this number of servers on they stand in columns; 0 before the stage was measured.
    pub columns_from: usize,
}

impl Folded {
    /// Reads the decisions of the style sheet for a stage.
    pub fn read(stage: &Element) -> Self {
        let style = window().get_computed_style(stage).ok().flatten();
        let number = |name: &str| {
            let value = style.as_ref()?.get_property_value(name).ok()?;
            value.trim().parse::<usize>().ok()
        };
        let is_set = |name| number(name) == Some(1);
        Self {
            settings: is_set("--fold-settings"),
            weights: is_set("--fold-weights"),
            menus: is_set("--fold-menus"),
            columns_from: number("--columns-from").unwrap_or_default(),
        }
    }

    /// Whether anything is folded.
    pub const fn any(self) -> bool {
        self.settings || self.weights || self.menus
    }
}
