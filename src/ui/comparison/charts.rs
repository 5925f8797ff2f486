//! The charts of a comparison, which grow while it runs.

use leptos::prelude::*;

use super::run::ComparisonRun;
use crate::scene::chart::Chart;
use crate::scene::chart::table::DataTable;
use crate::scene::comparison_chart::{lost, lost_table, times, times_table};
use crate::sim::comparison::RunComparison;
use crate::t;
use crate::ui::panels::figure::{ChartFrame, Headline, TableSource, UNMEASURED};

/// The charts: response times of the slowest requests of each lane, and the lost requests of each.
#[component]
pub fn Charts(compared: ComparisonRun) -> impl IntoView {
    view! {
        <div class="comparison-charts">
            <Lines compared title=t!("race.chart_times") draw=times tabulate=times_table />
            <Lines compared title=t!("race.chart_lost") draw=lost tabulate=lost_table />
        </div>
    }
}

#[component]
fn Lines(
    compared: ComparisonRun,
    title: String,
    draw: fn(&RunComparison, f64, f64) -> Chart,
    tabulate: fn(&RunComparison) -> DataTable,
) -> impl IntoView {
    let reading = RwSignal::new(String::new());
    let size = RwSignal::new(UNMEASURED);
    let chart = compared.watch(move |race| {
        let (width, height) = size.get();
        draw(race, width, height)
    });
    let table = TableSource::new(move || compared.watch(tabulate));
    let (heading, name) = (title.clone(), title.clone());
    view! {
        <section class="panel" aria-label=title>
            <h3>{heading}</h3>
            <ChartFrame name chart table size reading />
            <Headline reading otherwise=String::new() />
        </section>
    }
}
