//! The modules of an area and the migrations are read from their folders, so a new file there has to start a build.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
    println!("cargo:rerun-if-changed=src");
}
