import Voxtile
import VoxtileFormats

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The files that say to nnU-Net or MONAI what a folder of patches holds.
struct SampleDataset: Sendable {
  private let layout: SampleLayout
  /// The background, all labels of all scans and that of padding where there is some, in ascending order.
  private let labels: [Int]
  /// How many channels each patch has.
  private let channels: Int

  /// - Throws: `VoxtileError.Code.unsupportedFormat` where nnU-Net would refuse the labels, or the layout takes scans of one number
  ///   of channels only.
  init(_ set: SampleSet, options: SampleOptions) throws(VoxtileError) {
    layout = options.layout
    let present = set.cases.flatMap { $0.classes.filter { $0.voxelCount > 0 }.map(\.value) }
    let padding = set.cases.contains(where: \.isPadded) ? [options.labelPadding] : []
    labels = Set(present + padding + [0]).sorted()
    channels = set.cases.first?.channels ?? 1
    if layout != .voxtile, let first = set.cases.first,
      let other = set.cases.first(where: { $0.channels != first.channels })
    {
      throw VoxtileError(
        .unsupportedFormat,
        "the number of channels is \(other.channels) for scan '\(other.scan.name)' and \(first.channels) for '\(first.scan.name)', "
          + "but this layout takes one number for all; leave out the others",
        context: .init(expected: "\(first.channels)", found: "\(other.channels)"))
    }
    guard layout == .nnunet, labels != Array(0..<labels.count) else { return }
    throw VoxtileError(
      .unsupportedFormat,
      "the labels\(padding.isEmpty ? "" : ", that of padding included,") are "
        + "\(labels.prefix(12).map(String.init).joined(separator: ", ")), but nnU-Net takes 0, 1, 2 and so on without a gap; "
        + "use these",
      context: .init(expected: "0...\(labels.count - 1)", found: "\(labels.prefix(12))"))
  }

  private struct Pair: Encodable {
    var image: [String]
    var label: String
  }

  private struct NnUNet: Encodable {
    var channelNames: [String: String]
    var labels: [String: Int]
    var numTraining: Int
    var fileEnding: String

    enum CodingKeys: String, CodingKey {
      case channelNames = "channel_names"
      case labels, numTraining
      case fileEnding = "file_ending"
    }
  }

  private struct Decathlon: Encodable {
    var name = "samples"
    var modality: [String: String]
    var labels: [String: String]
    var numTraining: Int
    var numTest = 0
    var training: [Pair]
    var validation: [Pair]
    var test: [String] = []
  }

  private struct Fold: Encodable {
    var train: [String]
    var val: [String]
  }

  /// The files, by name.
  func files(_ manifest: SampleManifest) throws -> [(name: String, json: Data)] {
    let training = Set(manifest.scans.filter(\.isForTraining).map(\.name))
    func patches(training isWanted: Bool) -> [SampleManifest.Patch] {
      manifest.patches.filter { training.contains($0.scan) == isWanted }
    }
    let names = Dictionary(uniqueKeysWithValues: (0..<channels).map { ("\($0)", "channel_\($0)") })
    func title(_ label: Int) -> String { label == 0 ? "background" : "label_\(label)" }
    switch layout {
    case .voxtile: return []
    case .nnunet:
      let dataset = NnUNet(
        channelNames: names,
        labels: Dictionary(uniqueKeysWithValues: labels.map { (title($0), $0) }),
        numTraining: manifest.patches.count, fileEnding: ".\(SamplePatchFiles.fileExtension)")
      var files = [("dataset.json", try Self.json(dataset))]
      if training.count < manifest.scans.count {
        let fold = Fold(
          train: patches(training: true).compactMap(\.labels).map(Self.caseName),
          val: patches(training: false).compactMap(\.labels).map(Self.caseName))
        files.append(("splits_final.json", try Self.json([fold])))
      }
      return files
    case .msd:
      func pairs(_ patches: [SampleManifest.Patch]) -> [Pair] {
        patches.map { Pair(image: ($0.images ?? []).map { "./\($0)" }, label: "./\($0.labels ?? "")") }
      }
      let dataset = Decathlon(
        modality: names,
        labels: Dictionary(uniqueKeysWithValues: labels.map { ("\($0)", title($0)) }),
        numTraining: patches(training: true).count, training: pairs(patches(training: true)),
        validation: pairs(patches(training: false)))
      return [("dataset.json", try Self.json(dataset))]
    }
  }

  /// What nnU-Net calls a patch.
  private static func caseName(_ labels: String) -> String {
    String(labels.fileName.dropLast(SamplePatchFiles.fileExtension.count + 1))
  }

  private static func json(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(value) + Data("\n".utf8)
  }
}
