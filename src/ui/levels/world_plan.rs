//! The plan of the map: where cards and names stand, as the size of the page changes.

use leptos::prelude::*;

use crate::scene::layout::Rect;
use crate::scene::world_layout::{CARDS, MapName, StillMap};
use crate::scene::world_map::{MapFit, UserCity};
use crate::sim::ids::SiteId;
use crate::ui::session::Session;

/// The positions of everything that does not move.
#[derive(Clone, Copy)]
pub struct WorldPlan {
    still: StoredValue<StillMap>,
    /// The size of the map, in CSS pixels.
    map: RwSignal<(f64, f64)>,
    wanted: Memo<Option<(f64, f64)>>,
    cards: Memo<Option<Vec<Rect>>>,
}

impl WorldPlan {
    /// The plan of the scene for a view of this size.
    pub fn new(session: Session, view: Signal<(f64, f64)>) -> Self {
        let still = StoredValue::new(session.read(StillMap::new));
        let map = RwSignal::new((0.0, 0.0));
        let wanted = Memo::new(move |_| still.with_value(|still| still.card_size(view.get())));
        let cards = Memo::new(move |_| {
            let size = wanted.get()?;
            still.with_value(|still| still.cards(map.get(), size))
        });
        Self {
            still,
            map,
            wanted,
            cards,
        }
    }

    /// Whether the cards stand on the map; otherwise they stand below it.
    pub fn on_map(self) -> bool {
        self.wanted.get().is_some()
    }

    /// The rectangle of a site's card on the map, in CSS pixels; `None` if it stands below the map.
    pub fn card(self, id: SiteId) -> Option<Rect> {
        self.cards
            .with(|cards| cards.as_ref()?.get(id.index()).copied())
    }

    /// Whether a card on the map has room for all its texts.
    pub fn is_large(self) -> bool {
        self.wanted.get() == Some(CARDS[0])
    }

    /// Sets the size of the map.
    pub fn set_map(self, size: (f64, f64)) {
        if self.map.get_untracked() != size {
            self.map.set(size);
        }
    }

    /// The width of the map, in CSS pixels.
    pub fn map_width(self) -> f64 {
        self.map.get().0
    }

    /// The scale and offset of the map in its place.
    pub fn fit(self) -> MapFit {
        MapFit::new(self.map.get())
    }

    /// The cities of users.
    pub fn cities(self) -> Vec<UserCity> {
        self.still.with_value(|still| still.cities.clone())
    }

    /// The names that stand on the map.
    pub fn names(self) -> Vec<MapName> {
        let cards = self.cards.get();
        let map = self.map.get();
        self.still
            .with_value(|still| still.names(map, cards.as_deref()))
    }
}
