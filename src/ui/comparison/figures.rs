//! The results of the compared runs: a table of figures, and the differences in words.

use leptos::prelude::*;

use super::run::ComparisonRun;
use crate::scene::comparison::{Reading, Standing, name, rows};
use crate::scene::verdict::{differences, looks};
use crate::t;

/// The differences in words. The first and largest sentence is the most important one.
#[component]
pub fn Verdicts(compared: ComparisonRun) -> impl IntoView {
    let said = compared.watch(differences);
    let looked = compared.watch(looks);
    view! {
        <section class="comparison-said" aria-labelledby="comparison-said">
            <h3 id="comparison-said" class="unseen">
                {t!("race.said")}
            </h3>
            <ul aria-live="polite">
                {move || {
                    let said = said.get().into_iter();
                    said.map(|text| view! { <li>{text}</li> }).collect_view()
                }}
            </ul>
            <p class="hint">{looked}</p>
        </section>
    }
}

/// The table of all figures.
#[component]
pub fn Figures(compared: ComparisonRun) -> impl IntoView {
    let names = compared.watch(|race| {
        let names = (0..race.lanes().len()).map(|place| name(race, place));
        names.collect::<Vec<String>>()
    });
    let rows = compared.watch(rows);
    view! {
        <div class="scroll" role="region" aria-label=t!("race.figures") tabindex="0">
            <table class="comparison-figures" aria-label=t!("race.figures")>
                <thead>
                    <tr>
                        <th scope="col">
                            <span class="unseen">{t!("race.figure")}</span>
                        </th>
                        {move || {
                            let names = names.get().into_iter();
                            names.map(|name| view! { <th scope="col">{name}</th> }).collect_view()
                        }}
                    </tr>
                </thead>
                <tbody>
                    {move || {
                        rows.get()
                            .into_iter()
                            .map(|row| {
                                view! {
                                    <tr>
                                        <th scope="row">{row.name}</th>
                                        {row.lanes.into_iter().map(cell).collect_view()}
                                    </tr>
                                }
                            })
                            .collect_view()
                    }}
                </tbody>
            </table>
        </div>
        <p class="hint">{t!("race.note")}</p>
    }
}

fn cell(reading: Reading) -> impl IntoView {
    view! {
        <td class:best=reading.standing == Standing::Best>
            <b>{reading.value}</b>
            <small>{reading.standing.word()} " " {reading.sure}</small>
        </td>
    }
}
