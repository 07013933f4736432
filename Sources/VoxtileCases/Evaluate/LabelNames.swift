import Voxtile
import VoxtileFormats

/// What labels stand for.
public struct LabelNames: Hashable, Sendable {
  private var names: [Int: String]

  /// Takes names.
  public init(_ names: [Int: String] = [:]) { self.names = names }

  /// The name of a label; `nil` where it has none.
  public subscript(label: Int) -> String? { names[label] }

  /// These names, and those of others where these have none.
  public func adding(_ others: LabelNames) -> LabelNames {
    LabelNames(names.merging(others.names) { own, _ in own })
  }

  /// Names from `dataset.json` in a folder of true labels, or in the folder around it, where nnU-Net has it; none where there is no such
  /// file, or it names no labels.
  public init(besideReferences path: String) {
    let folder = FormatProbe(path).kind == .folder ? path : path.parentFolder
    let places = ["\(folder)/dataset.json", "\(folder)/../dataset.json"]
    self.init(places.lazy.compactMap { try? LabelTable(contentsOf: $0) }.first?.names ?? [:])
  }

  /// Names from the record that `infer` writes beside a prediction, which has them from `voxtile.labels` of the network; none where there is
  /// no record.
  init(besidePrediction path: String) {
    self.init((try? LabelTable(contentsOf: "\(path).voxtile.json"))?.names ?? [:])
  }
}
