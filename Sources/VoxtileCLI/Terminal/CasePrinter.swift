import Synchronization
import Voxtile
import VoxtileCases

/// Prints a line for each of many scans when it ends.
final class CasePrinter: Sendable {
  private let count: Int
  private let ended = Mutex(0)

  /// - Parameter count: how many scans there are.
  init(of count: Int) { self.count = count }

  /// Prints what became of a scan.
  func say(_ outcome: CaseOutcome) {
    let number = ended.withLock { ended in
      ended += 1
      return ended
    }
    let line = "\(number)/\(count) \(Self.words(for: outcome))"
    if outcome.hasFailed { Console.error(line) } else { Console.note(line) }
  }

  /// What became of a scan, in a line.
  static func words(for outcome: CaseOutcome) -> String {
    let name = outcome.scan.name.printable
    switch outcome.state {
    case .skipped: return "\(name): done before"
    case .planned(let reason): return "\(name): to do, since \(reason.description.printable)"
    case .failed(let error): return "\(name): \(error.description { $0.inOptions })"
    case .done:
      guard let found = outcome.findings else { return "\(name): done" }
      // A conversion has no patches.
      let patches = found.patches > 0 ? "\(Console.count(found.patches, "patch"))" : "done"
      return "\(name): \(patches) in \(Console.rounded(found.seconds, decimals: 1)) s"
    }
  }

  /// What went wrong with a scan; of an error in its own file, the name of the scan says enough.
  static func failure(of outcome: CaseOutcome) -> String? {
    guard case .failed(var error) = outcome.state else { return nil }
    if let file = error.context.file, outcome.scan.images.contains(file) { error.context.file = nil }
    return error.description { $0.inOptions }
  }
}
