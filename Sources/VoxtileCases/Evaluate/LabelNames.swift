import Voxtile
import VoxtileFormats

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

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

  /// The most bytes of a file with names.
  private static let maximumBytes = 16 << 20

  /// Names from `dataset.json` in a folder of true labels, or in the folder around it, where nnU-Net has it; none where there is no such
  /// file, or it names no labels.
  public init(besideReferences path: String) {
    let folder = FormatProbe(path).kind == .folder ? path : path.parentFolder
    let places = ["\(folder)/dataset.json", "\(folder)/../dataset.json"]
    self.init(places.lazy.compactMap(Self.namesOfDataset).first ?? [:])
  }

  /// Names from the record that `infer` writes beside a prediction, which has them from `voxtile.labels` of the network; none where there is
  /// no record.
  init(besidePrediction path: String) {
    struct Record: Decodable {
      struct Label: Decodable {
        var label: Int
        var name: String
      }
      var labels: [Label]
    }
    let record = Self.decoded(Record.self, "\(path).voxtile.json")
    self.init(
      Dictionary((record?.labels ?? []).map { ($0.label, $0.name) }, uniquingKeysWith: { first, _ in first }))
  }

  /// nnU-Net gives `{"liver": 1}` since its second version and `{"1": "liver"}` before; regions of several labels have no number.
  private static func namesOfDataset(_ path: String) -> [Int: String]? {
    struct Dataset: Decodable {
      enum Value: Decodable {
        case number(Int), text(String), other

        init(from decoder: any Decoder) throws {
          let container = try decoder.singleValueContainer()
          if let number = try? container.decode(Int.self) {
            self = .number(number)
          } else if let text = try? container.decode(String.self) {
            self = .text(text)
          } else {
            self = .other
          }
        }
      }
      var labels: [String: Value]
    }
    guard let labels = decoded(Dataset.self, path)?.labels else { return nil }
    var names: [Int: String] = [:]
    for (key, value) in labels.sorted(by: { $0.key < $1.key }) {
      switch value {
      case .number(let label): names[label] = names[label] ?? key
      case .text(let name): if let label = Int(key) { names[label] = name }
      case .other: continue
      }
    }
    return names
  }

  private static func decoded<Value: Decodable>(_ type: Value.Type, _ path: String) -> Value? {
    guard let file = try? InputFile(path), file.byteCount <= maximumBytes,
      let bytes = try? file.bytes(count: file.byteCount)
    else { return nil }
    return try? JSONDecoder().decode(type, from: Data(bytes))
  }
}
