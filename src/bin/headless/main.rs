//! The simulation on the command line: runs a scenario, replays a trace. Prints JSON or lines.

#[cfg(not(target_arch = "wasm32"))]
mod compare;
#[cfg(not(target_arch = "wasm32"))]
mod edge;
#[cfg(not(target_arch = "wasm32"))]
mod figures;
mod front;
#[cfg(not(target_arch = "wasm32"))]
mod link;
#[cfg(not(target_arch = "wasm32"))]
mod picture;
#[cfg(not(target_arch = "wasm32"))]
mod run;

#[cfg(not(target_arch = "wasm32"))]
const USAGE: &str = "usage:
  headless run SCENARIO.json --seconds N [--seed S] [--do 'SECONDS COMMAND']…
  headless run LINK [--seconds N]
  headless link SCENARIO.json [--seconds N] [--seed S] [--do 'SECONDS COMMAND']…
  headless picture SCENARIO.json|LINK [--seconds N] [--seed S] [--theme auto|light|dark]
  headless compare SCENARIO.json --algorithms A,B,C --seconds N [--seed S]
  headless replay TRACE.json
  headless figures [NAME …]

run     prints one JSON object: what became of every request, per server, with a digest.
        SCENARIO.json may be `default`, the scene that the page opens with. A command is JSON:
        --do '30 {\"edge\":{\"box\":[0,\"kill\"]}}' kills the first balancer after 30 seconds,
        --do '9 {\"edge\":{\"set_priority\":[1,250]}}' gives the second another priority,
        --do '9 {\"front\":{\"add_rule\":[0,{\"when\":{\"path\":\"/pay\"},\"then\":{\"pool\":\"pay\"}}]}}'
        puts a rule before the others.
        A LINK to a run, or its fragment `#run=…`, is run to its place in time, or to N seconds.
link    prints the fragment of a link that opens the scene at its start, or after N seconds.
picture prints the stage as SVG, after N seconds or at the link's place in time.
compare prints a table, a line an algorithm, all on the same traffic. An algorithm is a name as in
        a scenario; NAME:ENGINE takes another engine's form than the scenario's.
replay  prints the program's own decisions for a recorded trace, a line each.
figures runs the chapters' figures, in the project's folder: what is measured for each claim, the
        answer that the run confirms, and what is wrong.
";

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
        ["run", scenario, options @ ..] => run::run(scenario, options),
        ["link", scenario, options @ ..] => link::link(scenario, options),
        ["picture", scenario, options @ ..] => picture::picture(scenario, options),
        ["compare", scenario, options @ ..] => compare::compare(scenario, options),
        ["replay", trace] => replay(trace),
        ["figures", names @ ..] => figures::figures(names),
        _ => Err(USAGE.to_string()),
    };
    match result {
        Ok(text) => {
            print!("{text}");
            std::process::ExitCode::SUCCESS
        }
        Err(reason) => {
            eprintln!("{}", reason.trim_end());
            std::process::ExitCode::from(2)
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn replay(path: &str) -> Result<String, String> {
    let text = read(path)?;
    let lines = evenkeel::replay::replay(&text).map_err(|error| format!("{path}: {error}"))?;
    Ok(lines.into_iter().map(|line| line + "\n").collect())
}

#[cfg(not(target_arch = "wasm32"))]
fn read(path: &str) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))
}

#[cfg(target_arch = "wasm32")]
fn main() {}
