import Synchronization
import Voxtile
import VoxtileCases
import VoxtileInference

/// The commands that predict each of many scans.
struct CaseCommands {
  /// The command for all of them.
  let all: InferCommand
  private let name: ResultName

  /// - Parameter name: how results are called.
  init(of command: InferCommand, name: ResultName) { (all, self.name) = (command, name) }

  /// The results of a scan.
  func results(of one: ScanCase) -> [CaseResult] {
    let kinds = all.files.outputKind.kinds
    return kinds.map { kind in
      CaseResult(
        name.path(of: one, kind: kinds.count > 1 ? kind.rawValue : nil), kind: kind.rawValue)
    }
  }

  /// The page of a scan, below the folder of results.
  func pageName(of one: ScanCase) -> String { "\(name.path(of: one, hasEnding: false)).html" }

  /// The command that predicts one of the scans.
  func command(for one: ScanCase, replacing isReplacing: Bool) -> InferCommand {
    var command = all
    command.input = one.images
    let folder = command.files.output[0]
    command.files.output = results(of: one).map { "\(folder)/\($0.name)" }
    if let mask = one.mask { command.patches.mask = mask }
    command.replacing.force = isReplacing
    if command.running.reports {
      command.page.report = "\(folder)/\(pageName(of: one))"
    }
    if let parallel = command.running.parallel, let memory = command.limits.memory {
      command.limits.memory = memory.divided(by: parallel)
    }
    return command
  }
}

extension CaseFindings {
  /// Takes the labels that were written, other than 0.
  ///
  /// - Parameter spacing: the size of a voxel in mm, where it is known.
  mutating func setLabels(
    _ counted: [Int: LabelCounts.Label], names: [LabelName], spacing: PerAxis<Double>?
  ) {
    let names = Dictionary(names.map { ($0.label, $0.name) }) { first, _ in first }
    let milliliters = spacing.map { $0.x * $0.y * $0.z / 1000 }
    labels = counted.filter { $0.key != 0 }.sorted { $0.key < $1.key }.map { label, counts in
      .init(
        label: label, name: names[label], voxels: counts.voxels,
        milliliters: milliliters.map { $0 * Double(counts.voxels) })
    }
  }

  /// Compares a result with its true labels. Where that fails, the result is still one, and why is said.
  ///
  /// - Parameter truth: the file of the true labels, where there is one.
  mutating func compare(_ one: ScanCase, _ truth: String?, _ command: InferCommand, names: [LabelName]) {
    guard let truth, let labels = command.files.targets.first(where: { $0.kind == .labels }) else { return }
    let names = Dictionary(names.map { ($0.label, $0.name) }) { first, _ in first }
    do {
      try compare(.init(one.name, prediction: labels.path, reference: truth), names: names)
    } catch {
      let reason = (error as? VoxtileError)?.description { $0.inOptions } ?? "\(error)"
      warnings.append("not compared with the true labels: \(reason)")
      Console.warn("\(one.name): not compared with the true labels: \(reason)".printable)
    }
  }
}

/// What was learned with the first scan, for those after it.
final class Shared<Value: Sendable>: Sendable {
  private let stored = Mutex<Value?>(nil)

  /// What was learned; `nil` before the first scan.
  var value: Value? { stored.withLock { $0 } }

  /// Keeps what was learned.
  ///
  /// - Returns: whether nothing was known before.
  func keep(_ value: Value) -> Bool {
    stored.withLock { stored in
      defer { stored = value }
      return stored == nil
    }
  }
}
