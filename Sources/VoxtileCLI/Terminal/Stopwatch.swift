import Voxtile
import VoxtileReport

/// Measures one step of a command.
struct Stopwatch {
  private let name: String
  private let start = ContinuousClock.now

  init(_ name: String) { self.name = name }

  /// Prints how long the step has taken, with `--verbose`.
  func say() { Console.detail(name, took: ContinuousClock.now - start) }

  /// The step so far.
  var step: ReportData.Origin.Step {
    .init(name: name, seconds: (ContinuousClock.now - start).seconds)
  }
}
