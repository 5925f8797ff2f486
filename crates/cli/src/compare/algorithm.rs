//! One value of `--algorithms`: `NAME` or `NAME:ENGINE`, by the catalogue.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Arg, Command, Error};
use evenkeel_sim::balance::algorithm::{CATALOGUE, CatalogueRow, Implementation};

/// An algorithm, and whose form of it is asked for.
#[derive(Clone, Debug)]
pub struct ComparedAlgorithm {
    /// The algorithm's row in the catalogue.
    pub row: &'static CatalogueRow,
    /// The engine after the colon. The algorithm has a form of it.
    pub engine: Option<Implementation>,
}

/// Reads a [`ComparedAlgorithm`]; tells clap the names, for its help, its suggestions and its completions.
#[derive(Clone)]
pub struct AlgorithmParser;

impl TypedValueParser for AlgorithmParser {
    type Value = ComparedAlgorithm;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<Self::Value, Error> {
        // An unknown name is clap's to refuse, with the names that there are and the nearest of them.
        let text = value.to_string_lossy();
        let name = text.split(':').next().unwrap_or_default();
        let names = PossibleValuesParser::new(CATALOGUE.iter().map(|row| row.id));
        names.parse_ref(command, argument, OsStr::new(name))?;
        choice.parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let values = CATALOGUE.iter().map(|row| {
            let engines = ids(row.flavours);
            PossibleValue::new(row.id).help(format!("Forms of {engines}"))
        });
        Some(Box::new(values))
    }
}

fn choice(text: &str) -> Result<ComparedAlgorithm, String> {
    let (name, engine) = match text.split_once(':') {
        Some((name, engine)) => (name, Some(engine)),
        None => (text, None),
    };
    let row = CATALOGUE.iter().find(|row| row.id == name);
    let row = row.ok_or("there is no such algorithm")?;
    let form = |engine: &str| {
        let mut forms = row.flavours.iter().copied();
        forms.find(|form| form.id() == engine).ok_or_else(|| {
            let engines = ids(row.flavours);
            format!("{engine} has no form of {name}; there are {engines}")
        })
    };
    Ok(ComparedAlgorithm {
        row,
        engine: engine.map(form).transpose()?,
    })
}

fn ids(engines: &[Implementation]) -> String {
    let ids: Vec<&str> = engines.iter().map(|engine| engine.id()).collect();
    ids.join(", ")
}
