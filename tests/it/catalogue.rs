//! The catalogue is complete and says what scenarios, links and the page may rely on.

use evenkeel::scene::words;
use evenkeel::sim::balance::algorithm::{Algorithm, CATALOGUE, Implementation};

/// The names that serde knows, which are all there are: it lists them when it meets another.
fn all_names() -> Vec<String> {
    let error = serde_json::from_str::<Algorithm>("\"?\"").expect_err("no such algorithm");
    let text = error.to_string();
    let (_, names) = text
        .split_once("expected one of")
        .expect("serde lists the names");
    names
        .split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_algorithm_has_one_row_under_its_own_name() {
    let names = all_names();
    assert!(names.len() >= 11, "{names:?}");
    for name in &names {
        let algorithm: Algorithm =
            serde_json::from_str(&format!("\"{name}\"")).expect("a known name");
        assert_eq!(algorithm.row().id, name);
    }
    assert_eq!(CATALOGUE.len(), names.len(), "no row twice");
}

#[test]
fn the_labels_are_those_of_the_page() {
    let labels: Vec<String> = CATALOGUE.iter().map(words::algorithm).take(11).collect();
    assert_eq!(
        labels,
        [
            "Round robin",
            "Weighted round robin",
            "Least connections",
            "Weighted least connections",
            "IP hash",
            "Least response time",
            "Random",
            "Weighted random",
            "Power of two choices",
            "Key hash",
            "Consistent hash",
        ]
    );
}

#[test]
fn every_row_says_something_in_every_column() {
    for row in CATALOGUE {
        let label = words::algorithm(row);
        assert!(
            label.len() > 3 && !label.contains('.'),
            "no text for {label}"
        );
        for text in ["rule", "pros", "cons", "choose"].map(|what| words::about(row, what)) {
            assert!(text.len() > 3 && text.len() < 140, "{}: {text:?}", row.id);
            assert!(text.ends_with('.'), "{}: {text:?}", row.id);
        }
    }
}

#[test]
fn every_row_has_flavours_each_once_and_explained() {
    for row in CATALOGUE {
        assert!(!row.flavours.is_empty(), "{}", row.id);
        for (place, implementation) in row.flavours.iter().enumerate() {
            let difference = words::form(row, *implementation);
            assert!(row.has(*implementation));
            assert!(
                difference.ends_with('.') && difference.len() < 140,
                "{}",
                row.id
            );
            assert!(
                !row.flavours[..place].contains(implementation),
                "{}",
                row.id
            );
        }
    }
}

#[test]
fn nginx_is_the_first_flavour_wherever_nginx_can_do_it() {
    for row in CATALOGUE
        .iter()
        .filter(|row| row.has(Implementation::Nginx))
    {
        assert_eq!(row.flavours[0], Implementation::Nginx, "{}", row.id);
    }
}

/// Exports write the nearest algorithm in place of one that a program lacks: the way there ends.
#[test]
fn the_nearest_algorithm_of_any_is_one_that_all_programs_have() {
    for row in CATALOGUE {
        let mut seen = vec![row.algorithm];
        while seen.last() != Some(&Algorithm::RoundRobin) {
            let next = seen[seen.len() - 1].row().nearest;
            assert!(!seen.contains(&next), "{}: {seen:?}", row.id);
            seen.push(next);
        }
    }
}
