//! The names that Prometheus gives to metrics and attributes of OpenTelemetry ("Prometheus and OpenMetrics Compatibility" of
//! the specification): a unit and `_total` are part of the name, and what a name may not hold becomes `_`.

use super::messages::Data;

/// Units as OpenTelemetry writes them (UCUM), and as Prometheus does.
const UNITS: [(&str, &str); 19] = [
    ("d", "days"),
    ("h", "hours"),
    ("min", "minutes"),
    ("s", "seconds"),
    ("ms", "milliseconds"),
    ("us", "microseconds"),
    ("ns", "nanoseconds"),
    ("By", "bytes"),
    ("KiBy", "kibibytes"),
    ("MiBy", "mebibytes"),
    ("GiBy", "gibibytes"),
    ("kBy", "kilobytes"),
    ("MBy", "megabytes"),
    ("GBy", "gigabytes"),
    ("Cel", "celsius"),
    ("Hz", "hertz"),
    ("V", "volts"),
    ("W", "watts"),
    ("%", "percent"),
];

/// The units of a rate, after `per`.
const PER: [(&str, &str); 7] =
    [("s", "second"), ("m", "minute"), ("min", "minute"), ("h", "hour"), ("d", "day"), ("w", "week"), ("mo", "month")];

/// The name of a metric, without the ends of the series of a histogram.
pub fn metric_name(name: &str, unit: &str, data: Data<'_>) -> String {
    let mut words = words(name);
    let add = |words: &mut Vec<String>, word: &str| {
        if !word.is_empty() && !words.iter().any(|known| known == word) {
            words.push(word.to_owned());
        }
    };
    let counts = matches!(data, Data::Sum(sum) if sum.is_monotonic);
    if counts {
        words.retain(|word| word != "total");
    }
    // What stands in braces is a note for people: {request}.
    let unit = unit.split('{').next().unwrap_or_default();
    match unit.split_once('/') {
        Some((of, per)) => {
            add(&mut words, &named(of, &UNITS));
            let per = named(per, &PER);
            if !per.is_empty() {
                words.push("per".to_owned());
                words.push(per);
            }
        }
        None if unit == "1" => {
            if matches!(data, Data::Gauge(_)) {
                add(&mut words, "ratio");
            }
        }
        None => add(&mut words, &named(unit, &UNITS)),
    }
    if counts {
        words.push("total".to_owned());
    }
    let name = words.join("_");
    if name.starts_with(|first: char| first.is_ascii_digit()) { format!("_{name}") } else { name }
}

/// The name of a label.
pub fn label_name(key: &str) -> String {
    let name: String = key.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if name.starts_with(|first: char| first.is_ascii_digit()) { format!("key_{name}") } else { name }
}

/// The words of a name, between all that a name may not hold.
fn words(name: &str) -> Vec<String> {
    let parts = name.split(|c: char| !c.is_ascii_alphanumeric() && c != ':');
    parts.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn named(unit: &str, names: &[(&str, &str)]) -> String {
    let known = names.iter().find(|(short, _)| *short == unit).map(|(_, long)| (*long).to_owned());
    known.unwrap_or_else(|| words(unit).join("_"))
}
