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
