import Voxtile
import VoxtileFormats

/// Predictions beside the labels that are taken for true.
public struct EvaluationPairs: Sendable {
  /// A case that has both.
  public struct Pair: Hashable, Sendable {
    /// The case's name.
    public let name: String
    /// The path of the prediction.
    public let prediction: String
    /// The path of the true labels.
    public let reference: String

    /// Creates a pair.
    public init(_ name: String, prediction: String, reference: String) {
      self.name = name
      self.prediction = prediction
      self.reference = reference
    }
  }

  /// The cases that have both, in the order of their names.
  public let pairs: [Pair]
  /// True labels of cases without a prediction, as paths.
  public let withoutPrediction: [Pair.Missing]
  /// Predictions of cases without true labels, as paths.
  public let withoutReference: [Pair.Missing]

  /// Pairs two files, or those of two folders that are called alike but for the endings of their formats. Where one is a file and the other
  /// a folder, the file of that case is looked for in the folder.
  ///
  /// - Parameters:
  ///   - predictions: a label map, or a folder of them.
  ///   - references: the same.
  ///   - name: how predictions are called; `{case}` stands for the name of the true labels.
  ///   - isRecursive: whether folders inside the folders are searched, too.
  /// - Throws: `VoxtileError.Code.fileAccess` where a folder cannot be listed, and `VoxtileError.Code.invalidOption` where one holds no
  ///   image or no two files belong together.
  public init(
    predictions: String, references: String, name: String = "{case}", isRecursive: Bool = false
  ) throws {
    func cases(_ path: String) throws -> [String: String] {
      try Self.labelMaps(path, isRecursive: isRecursive)
    }
    let (areFolders, truthsAreFolders) = (Self.isFolder(predictions), Self.isFolder(references))
    guard areFolders || truthsAreFolders else {
      let own = try cases(references).keys.first ?? references
      pairs = [Pair(own, prediction: predictions, reference: references)]
      (withoutPrediction, withoutReference) = ([], [])
      return
    }
    let (found, truths) = (try cases(predictions), try cases(references))
    let matches = truths.keys.sorted().map { truth in
      (truth, found[Self.predictionName(name, of: truth)])
    }
    pairs = matches.compactMap { truth, prediction in
      prediction.map { Pair(truth, prediction: $0, reference: truths[truth] ?? "") }
    }
    guard !pairs.isEmpty else { throw Self.nothingMatches(found, truths, name: name) }
    // A single file asks for its own case only.
    withoutPrediction =
      areFolders
      ? matches.compactMap { truth, prediction in
        prediction == nil ? Pair.Missing(name: truth, path: truths[truth] ?? "") : nil
      } : []
    let used = Set(pairs.map(\.prediction))
    withoutReference =
      truthsAreFolders
      ? found.filter { !used.contains($0.value) }.map { Pair.Missing(name: $0.key, path: $0.value) }
        .sorted { $0.name < $1.name } : []
  }

  /// The name of a prediction; folders of the case stay outside of what the template adds.
  private static func predictionName(_ template: String, of name: String) -> String {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    let last = template.replacing("{case}", with: parts.last ?? "")
    return (parts.dropLast().map(String.init) + [last]).joined(separator: "/")
  }

  private static func nothingMatches(
    _ predictions: [String: String], _ truths: [String: String], name: String
  ) -> VoxtileError {
    let (prediction, truth) = (predictions.keys.min() ?? "", truths.keys.min() ?? "")
    return VoxtileError(
      .invalidOption,
      "no prediction is called after a true label map: there is '\(prediction)', but for '\(truth)' it should be "
        + "'\(predictionName(name, of: truth))'; rename them, or say how predictions are called, as in {case}_seg",
      context: .init(expected: predictionName(name, of: truth), found: prediction))
  }
}

extension EvaluationPairs.Pair {
  /// A case that has only one of both.
  public struct Missing: Hashable, Sendable, Codable {
    /// The case's name.
    public let name: String
    /// The path of the file that is there.
    public let path: String
  }
}

extension EvaluationPairs {
  /// The label maps of a folder, or a single one, as paths by the names of their cases.
  ///
  /// - Parameters:
  ///   - path: a label map, or a folder of them.
  ///   - isRecursive: whether folders inside the folder are searched, too.
  /// - Throws: `VoxtileError.Code.fileAccess` where the folder cannot be listed, and `VoxtileError.Code.invalidOption` where it holds no image.
  public static func labelMaps(_ path: String, isRecursive: Bool = false) throws -> [String: String] {
    var search = CaseSearch()
    search.naming = .single
    search.isRecursive = isRecursive
    let list = isFolder(path) ? try search.cases(inFolder: path) : try search.cases(of: [path])
    return Dictionary(list.map { ($0.name, $0.images[0]) }, uniquingKeysWith: { first, _ in first })
  }

  private static func isFolder(_ path: String) -> Bool {
    FormatProbe(path).kind == .folder && !ImageFormats.registry.recognizes(path)
  }
}
