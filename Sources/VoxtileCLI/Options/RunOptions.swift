import ArgumentParser

/// Whether outputs may replace older ones, for every command that writes files.
struct ReplaceOptions: ParsableArguments {
  @Flag(help: "Replace outputs that exist already.")
  var force = false
}

/// Whether the result is for a program, for every command that prints one.
struct JSONOptions: ParsableArguments {
  @Flag(help: "Print the result as JSON.")
  var json = false
}

/// Whether the work is only planned.
struct DryRunOptions: ParsableArguments {
  @Flag(help: "Print what the job will take, and stop.")
  var dryRun = false
}

/// Whether the work on many scans is only planned.
struct ManyDryRunOptions: ParsableArguments {
  @Flag(help: "Of many scans: print what would be done with each, and stop.")
  var dryRun = false

  /// Throws where there is one scan.
  func checkIsNotGiven() throws {
    guard dryRun else { return }
    throw ValidationError("--dry-run is for many scans; name a folder of them, or a table with --cases")
  }
}
