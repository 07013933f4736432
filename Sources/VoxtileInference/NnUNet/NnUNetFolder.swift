import Voxtile

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A trained nnU-Net, as `Examples/FromNnUNet/export.py` writes it: an ONNX file for each fold, and how it predicts.
///
///     let folder = try NnUNetFolder("exported")
///     let model = try await EngineRegistry.load(folder.models[0])
///     let settings = try folder.settings(over: scan.info)
///     let pipeline = PatchPipeline(model: model, settings: settings)
///
/// A scan is cut to what is not 0, normalized channel by channel, resampled, and predicted with nnU-Net's patches, window and mirrored
/// patches; logits come back to the voxels of the scan. Sums are of single precision, where nnU-Net's are of half precision: some
/// labels differ where few patches cover a voxel. With ``Compatibility/nnUNetHalf`` as `InferenceSettings.compatibility` none does.
public struct NnUNetFolder: Sendable {
  /// The ONNX file of each fold.
  public let models: [String]
  /// The configuration, such as `3d_fullres`.
  public let configuration: String

  let export: NnUNetExport
  let dataset: NnUNetDataset
  let plans: NnUNetPlans
  let plan: NnUNetPlans.Configuration
  /// How images are resampled, and logits on their way back.
  let images: NnUNetResampling
  let logits: NnUNetResampling
  let path: String

  /// Files are at most this large; plans have a few KiB.
  private static let maxBytes = 64 << 20

  /// Reads a folder.
  ///
  /// - Parameters:
  ///   - path: the folder.
  ///   - folds: the numbers of the folds whose mean is predicted; `nil` for all that are there.
  /// - Throws: `VoxtileError.Code.fileAccess` where a file is missing, `VoxtileError.Code.malformedFile` where one makes no sense,
  ///   `VoxtileError.Code.modelNotUsable` for a cascade and for parts of nnU-Net that someone else wrote, by their names.
  public init(_ path: String, folds: [Int]? = nil) throws {
    self.path = path
    guard FileVersion("\(path)/voxtile-nnunet.json") != nil else {
      throw VoxtileError(
        .fileAccess,
        "has no voxtile-nnunet.json, so it is no exported nnU-Net; Examples/FromNnUNet/export.py makes one of a folder of results",
        context: .init(file: path))
    }
    export = try Self.read("\(path)/voxtile-nnunet.json")
    dataset = try Self.read("\(path)/dataset.json")
    plans = try Self.read("\(path)/plans.json")
    configuration = export.configuration
    guard let plan = plans.configuration(named: export.configuration) else {
      throw Self.malformed(
        "\(path)/plans.json", "has no configuration '\(export.configuration)', or it inherits in a circle")
    }
    self.plan = plan
    images = try NnUNetResampling(plan.dataFunction, plan.data, isOfLogits: false, path: path)
    logits = try NnUNetResampling(plan.logitsFunction, plan.logits, isOfLogits: true, path: path)
    for name in export.models where name.contains("/") || name.hasPrefix(".") || name.isEmpty {
      throw Self.malformed(
        "\(path)/voxtile-nnunet.json", "names the network '\(name)', which is no file beside it")
    }
    let all = export.models
    let names = try folds.map { try Self.chosen($0, of: all) } ?? all
    models = names.map { "\(path)/\($0)" }
    try check()
  }

  private static func chosen(_ folds: [Int], of models: [String]) throws(VoxtileError) -> [String] {
    var chosen: [String] = []
    for fold in folds {
      let name = "fold_\(fold).onnx"
      guard models.contains(name), !chosen.contains(name) else {
        throw VoxtileError(
          .invalidOption,
          "fold \(fold) is not there or named twice; there are \(models.joined(separator: ", "))",
          context: .init(expected: models.joined(separator: ", "), found: "\(fold)"))
      }
      chosen.append(name)
    }
    return chosen
  }

  private static func read<Content: Decodable>(_ path: String) throws -> Content {
    let file = try InputFile(path)
    guard file.byteCount <= maxBytes else {
      throw malformed(path, "has \(file.byteCount) bytes, more than the \(maxBytes) of any plan")
    }
    do {
      return try JSONDecoder().decode(Content.self, from: Data(file.bytes(at: 0, count: file.byteCount)))
    } catch let error as DecodingError {
      throw malformed(path, "cannot be read: \(error.place)")
    }
  }

  static func malformed(_ path: String, _ what: String) -> VoxtileError {
    VoxtileError(.malformedFile, what, context: .init(file: path))
  }
}

extension DecodingError {
  /// What is wrong, and where.
  fileprivate var place: String {
    switch self {
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
      "\(context.codingPath.map(\.stringValue).joined(separator: ".")): \(context.debugDescription)"
    case .keyNotFound(let key, _): "'\(key.stringValue)' is missing"
    @unknown default: "it is no JSON that is known"
    }
  }
}
