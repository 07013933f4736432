import ArgumentParser
import Voxtile
import VoxtileCases

/// The true labels that results are compared with.
struct TruthOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "True labels to compare with: a file, or a folder whose files are called as the scans are. The Dice of each label goes into the "
        + "summary; 'voxtile evaluate' measures more.", valueName: "labels/"), completion: .file())
  var truth: String?

  /// The files of true labels by the names of their cases; `nil` where none are given.
  ///
  /// - Parameter cases: the scans; none of them having true labels is an error.
  func files(for cases: CaseList, isRecursive: Bool) throws -> [String: String]? {
    guard let truth else { return nil }
    let files = try EvaluationPairs.labelMaps(truth, isRecursive: isRecursive)
    let missing = cases.filter { files[$0.name] == nil }.map(\.name)
    guard missing.count < cases.count else {
      throw VoxtileError(
        .invalidOption,
        "has no labels of any of these scans: there is \(Self.list(files.keys.sorted())), but the scans are \(Self.list(missing))",
        context: .init(file: truth))
    }
    if !missing.isEmpty {
      Console.warn(
        "\(truth.printable) has no labels of \(Console.count(missing.count, "scan")): \(Self.list(missing).printable)"
      )
    }
    return files
  }

  private static func list(_ names: [String]) -> String {
    names.isEmpty
      ? "nothing"
      : names.prefix(3).joined(separator: ", ") + (names.count > 3 ? " and \(names.count - 3) more" : "")
  }
}
