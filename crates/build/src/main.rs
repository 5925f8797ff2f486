//! What is done to a compiled WebAssembly file before a browser can load it, for `scripts/build.mjs`.
//!
//! wasm-bindgen and the splitter are libraries here, so that nobody has to install their programs.
//! `bindgen` takes the options of wasm-bindgen's own program, which may stand in its place.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

use eyre::{Result, bail, eyre};
use lexopt::prelude::{Long, Short, Value, ValueExt};
use wasm_bindgen_cli_support::Bindgen;

const USAGE: &str = "usage:
  evenkeel-build bindgen --target web|nodejs --no-typescript [--remove-name-section] [--keep-lld-exports]
                         [--omit-default-module-path] [--no-demangle] [--short-names] --out-dir FOLDER --out-name NAME FILE
      Writes NAME.js and NAME_bg.wasm into FOLDER, as wasm-bindgen does with these options.
      --short-names gives what the program and its JavaScript call of each other short names, in the program
      alone, and prints them by their long ones, as JSON: {\"long\": \"short\", …}. wasm-bindgen's own program cannot do that.
  evenkeel-build split --out-dir FOLDER --out-name NAME FILE
      Splits FILE, which was linked with --emit-relocs, into FOLDER/NAME.wasm and one file a part. Prints the
      files that each part needs, without their ending, as JSON: {\"part\": [\"file\", …], …}.
";

/// What the command line asks for.
#[derive(Default)]
struct Arguments {
    file: Option<PathBuf>,
    out_dir: Option<PathBuf>,
    out_name: Option<String>,
    /// `web` or `nodejs`.
    target: Option<String>,
    keep_lld_exports: bool,
    remove_name_section: bool,
    omit_default_module_path: bool,
    no_demangle: bool,
    short_names: bool,
}

impl Arguments {
    /// Reads what follows the subcommand.
    ///
    /// # Errors
    /// An option that does not exist or lacks its value.
    fn read(mut parser: lexopt::Parser) -> Result<Self> {
        let mut arguments = Self::default();
        while let Some(argument) = parser.next()? {
            match argument {
                Long("out-dir") => arguments.out_dir = Some(parser.value()?.into()),
                Long("out-name") => arguments.out_name = Some(parser.value()?.string()?),
                Long("target") => arguments.target = Some(parser.value()?.string()?),
                Long("keep-lld-exports") => arguments.keep_lld_exports = true,
                Long("remove-name-section") => arguments.remove_name_section = true,
                Long("omit-default-module-path") => arguments.omit_default_module_path = true,
                Long("no-demangle") => arguments.no_demangle = true,
                Long("short-names") => arguments.short_names = true,
                // Nothing else is ever written here; wasm-bindgen's own program has to be told.
                Long("no-typescript") => {}
                Value(file) => arguments.file = Some(file.into()),
                other => return Err(other.unexpected().into()),
            }
        }
        Ok(arguments)
    }

    /// The file to work on, the folder to write to and the name there.
    ///
    /// # Errors
    /// Which of them was not given.
    fn places(&self) -> Result<(&PathBuf, &PathBuf, &str)> {
        let missing = |what: &str| eyre!("{what} is missing\n\n{USAGE}");
        Ok((
            self.file.as_ref().ok_or_else(|| missing("FILE"))?,
            self.out_dir.as_ref().ok_or_else(|| missing("--out-dir"))?,
            self.out_name
                .as_ref()
                .ok_or_else(|| missing("--out-name"))?,
        ))
    }
}

/// Writes the JavaScript that a compiled file is loaded with, and the file as that wants it.
fn bindgen(arguments: &Arguments) -> Result<()> {
    let (file, folder, name) = arguments.places()?;
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(file)
        .out_name(name)
        .typescript(false)
        .keep_lld_exports(arguments.keep_lld_exports)
        .remove_name_section(arguments.remove_name_section)
        .demangle(!arguments.no_demangle)
        .omit_default_module_path(arguments.omit_default_module_path);
    let chosen = match arguments.target.as_deref() {
        Some("web") => bindgen.web(true).map(drop),
        Some("nodejs") => bindgen.nodejs(true).map(drop),
        _ => bail!("--target must be web or nodejs\n\n{USAGE}"),
    };
    let readable = |error| eyre!("{error:?}");
    chosen.map_err(readable)?;
    let mut output = bindgen.generate_output().map_err(readable)?;
    if arguments.short_names {
        let module = output.wasm_mut();
        let mut names = shorten(
            'i',
            module.imports.iter_mut().map(|import| &mut import.name),
        );
        // Of the functions that are exported, JavaScript alone calls those with a Rust name: parts share none by name.
        let exports = module.exports.iter_mut().map(|export| &mut export.name);
        names.extend(shorten('x', exports.filter(|name| name.starts_with("_R"))));
        println!("{}", serde_json::to_string(&names)?);
    }
    output.emit(folder).map_err(readable)
}

/// Gives each name a short one, which begins with this letter; gives the short ones by the long ones.
fn shorten<'a>(
    letter: char,
    names: impl Iterator<Item = &'a mut String>,
) -> BTreeMap<String, String> {
    let numbered = names.enumerate().map(|(place, name)| {
        let short = format!("{letter}{place}");
        (std::mem::replace(name, short.clone()), short)
    });
    numbered.collect()
}

/// Splits a compiled file into parts and prints which files each of them needs.
fn split(arguments: &Arguments) -> Result<()> {
    let (file, folder, name) = arguments.places()?;
    let program = fs::read(file)?;
    let main_out_path = folder.join(format!("{name}.wasm"));
    let main_module = format!("./{name}.js");
    let mut options = wasm_split_cli_support::Options::new(&program);
    options.output_dir = folder;
    options.main_out_path = &main_out_path;
    options.main_module = &main_module;
    options.target.web();
    let parts = wasm_split_cli_support::transform(options)?;
    // In the order of their names: the library's own order changes from run to run.
    let files: BTreeMap<_, _> = parts.prefetch_map.into_iter().collect();
    println!("{}", serde_json::to_string(&files)?);
    Ok(())
}

fn main() -> Result<()> {
    let mut parser = lexopt::Parser::from_env();
    let command = match parser.next()? {
        Some(Value(command)) => command,
        Some(Long("help") | Short('h')) => OsString::from("help"),
        _ => bail!("what to do?\n\n{USAGE}"),
    };
    if command == "help" {
        print!("{USAGE}");
        return Ok(());
    }
    let arguments = Arguments::read(parser)?;
    match command.to_str() {
        Some("bindgen") => bindgen(&arguments),
        Some("split") => split(&arguments),
        _ => bail!("there is no command {}\n\n{USAGE}", command.display()),
    }
}
