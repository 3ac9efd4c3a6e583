//! The modules of an area are read from their folder, so a new file there has to start a build.

fn main() {
    println!("cargo:rerun-if-changed=../domain");
    println!("cargo:rerun-if-changed=../engine");
}
