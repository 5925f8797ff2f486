//! `evenkeel check`: what a scene does not follow in a configuration.

use std::io::Write;

use clap::{Args, ValueEnum};
use evenkeel_conf::diagnostic::{Diagnostic, Severity};
use serde_json::{Value, json};

use crate::config::{ConfigOptions, ConfigText};
use crate::error::CliError;

/// Print what is wrong in a configuration of nginx or HAProxy, and what the simulation does not follow
///
/// Remarks that bear on balancing come first, then a count of the others. The exit status is 1 if there is an error.
#[derive(Args)]
#[command(after_help = "\
Examples:
  evenkeel check nginx.conf
  evenkeel check haproxy.cfg --as sarif > remarks.sarif
  evenkeel check haproxy.cfg --as json --front shop")]
pub struct CheckArgs {
    #[command(flatten)]
    options: ConfigOptions,
    /// How the remarks are printed
    #[arg(long = "as", value_enum, default_value_t = Form::Text)]
    form: Form,
    /// Print also what does not bear on balancing
    #[arg(long)]
    all: bool,
}

/// A form of the remarks.
#[derive(Clone, Copy, ValueEnum)]
enum Form {
    /// A line for each remark
    Text,
    /// One JSON object
    Json,
    /// SARIF 2.1.0, for code review
    Sarif,
}

impl CheckArgs {
    /// Writes the remarks to `out`; an error if there is one among them.
    pub fn execute(self, out: &mut dyn Write) -> Result<(), CliError> {
        let text = self.options.import()?;
        match self.form {
            Form::Text => lines(&text, self.all, out)?,
            Form::Json => writeln!(out, "{:#}", json(&text))?,
            Form::Sarif => writeln!(out, "{:#}", sarif(&text))?,
        }
        let is_error = |one: &&Diagnostic| one.severity() == Severity::Error;
        match text.import.diagnostics.iter().filter(is_error).count() {
            0 => Ok(()),
            errors => Err(CliError::Run(format!("errors: {errors}"))),
        }
    }
}

fn lines(text: &ConfigText, all: bool, out: &mut dyn Write) -> std::io::Result<()> {
    let (first, rest): (Vec<&Diagnostic>, Vec<&Diagnostic>) = text
        .import
        .diagnostics
        .iter()
        .partition(|one| all || one.message.bears_on_balancing());
    for one in first {
        writeln!(out, "{}", text.line(one))?;
    }
    if !rest.is_empty() {
        writeln!(
            out,
            "Not simulated, without effect on balancing: {} (--all lists them)",
            rest.len()
        )?;
    }
    let listeners = &text.import.listeners;
    for (place, listener) in listeners
        .all
        .iter()
        .enumerate()
        .filter(|_| listeners.all.len() > 1)
    {
        let listens = listener.listens.join(" ");
        let mark = if place == listeners.chosen { "*" } else { " " };
        writeln!(out, "listener {mark} {} ({listens})", listener.name)?;
    }
    if let Some(scene) = &text.import.scene {
        let (servers, label) = (scene.servers.len(), scene.balancer.algorithm.row().id);
        let format = text.import.dialect.label();
        writeln!(
            out,
            "Read as {format}. Servers: {servers}. Algorithm: {label}."
        )?;
    }
    Ok(())
}

fn json(text: &ConfigText) -> Value {
    let remark = |one: &Diagnostic| {
        let (file, line) = text.place(one);
        json!({
            "file": file,
            "line": line,
            "column": one.span.column,
            "severity": one.severity().id(),
            "message": one.message.text(),
            "bears_on_balancing": one.message.bears_on_balancing(),
        })
    };
    let listeners = text.import.listeners.all.iter().enumerate();
    let listener = |(place, listener): (usize, &evenkeel_conf::listener::Listener)| {
        json!({
            "name": listener.name,
            "listens": listener.listens,
            "chosen": place == text.import.listeners.chosen,
        })
    };
    json!({
        "format": text.import.dialect.id(),
        "servers": text.import.scene.as_ref().map(|scene| scene.servers.len()),
        "listeners": listeners.map(listener).collect::<Vec<_>>(),
        "remarks": text.import.diagnostics.iter().map(remark).collect::<Vec<_>>(),
    })
}

/// The Static Analysis Results Interchange Format, 2.1.0 (OASIS).
fn sarif(text: &ConfigText) -> Value {
    let result = |one: &Diagnostic| {
        let (file, line) = text.place(one);
        json!({
            "ruleId": one.severity().id(),
            "level": one.severity().id(),
            "message": { "text": one.message.text() },
            "locations": [{
                "physicalLocation": {
                    "artifactLocation": { "uri": file },
                    "region": { "startLine": line.max(1), "startColumn": one.span.column.max(1) },
                },
            }],
        })
    };
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "evenkeel", "version": env!("CARGO_PKG_VERSION") } },
            "results": text.import.diagnostics.iter().map(result).collect::<Vec<_>>(),
        }],
    })
}
