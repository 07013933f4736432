import ArgumentParser
import Voxtile

/// How many threads a command uses that has no memory to plan.
struct ThreadOptions: ParsableArguments {
  @Option(
    name: [.customShort("j", allowingJoined: true), .customLong("jobs")], parsing: .unconditional,
    help: ArgumentHelp(
      "How many threads work; by default one for each core. The result is the same.", valueName: "n"))
  var count: Int?

  func validate() throws { try LimitOptions.check(count) }

  var jobs: Jobs { count.map { Jobs($0) } ?? .all }
}
