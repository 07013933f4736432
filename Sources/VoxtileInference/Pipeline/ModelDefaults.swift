import Voxtile

/// What a network says of itself: settings that it was trained with and that its file carries.
///
/// | key | value |
/// |---|---|
/// | `voxtile.normalize` | a ``Normalization``, such as `peak:99,1.3` |
/// | `voxtile.orientation` | an ``Orientation``, such as `RAS` |
/// | `voxtile.axes` | an ``AxisOrder``, `zyx` or `xyz` |
/// | `voxtile.patch` | the size of a patch, such as `64` or `96x96x64`, x first |
/// | `voxtile.spacing` | the size of a voxel in mm, such as `1` or `0.8x0.8x1.5`, x first; a scan with others is resampled (``ScanResampling``) |
/// | `voxtile.convention` | the `ResamplingConvention` by which that is done, such as `monai` |
/// | `voxtile.labels` | the names of the channels, or of the labels where it gives labels, joined by commas: `background,liver` |
/// | `voxtile.stride` | the total stride, by which patches are aligned (``NetworkReach``), such as `8` or `8x8x4`, x first |
/// | `voxtile.halo` | how far the network looks, in voxels, such as `44` |
/// | `voxtile.layout` | the ``TensorLayout`` of its input, such as `NDHWC` |
///
/// They are the metadata (`metadata_props`) of an ONNX file; settings may say otherwise.
public struct ModelDefaults: Hashable, Sendable {
  /// What happens to intensities.
  public let normalization: Normalization?
  /// The orientation of the model's image.
  public let orientation: Orientation?
  /// The order of the model's spatial dimensions.
  public let axes: AxisOrder?
  /// The size of a patch.
  public let patch: Extent?
  /// The size of a voxel in mm, along the axes of the model's image.
  public let spacing: PerAxis<Double>?
  /// The system by whose rules scans were resampled to that size.
  public let convention: ResamplingConvention?
  /// By what the model may be moved, in voxels along the axes of its image.
  public let stride: PerAxis<Int>?
  /// How far the model looks, in voxels along the axes of its image.
  public let halo: PerAxis<Int>?
  /// What its channels stand for, in order; what its labels stand for, from 0, where it gives labels.
  public let labelNames: [String]?

  /// Reads what a network says.
  ///
  /// - Parameter lookUp: gives the text for a key, or `nil`.
  /// - Throws: `VoxtileError.Code.modelNotUsable` where a text cannot be read, and what `lookUp` throws.
  public init(_ lookUp: (_ key: String) throws -> String?) throws {
    func value<Value>(_ key: String, _ parse: (String) -> Value?) throws -> Value? {
      guard let text = try lookUp("voxtile.\(key)") else { return nil }
      guard let value = parse(text) else {
        throw VoxtileError.metadataNotReadable(key, text)
      }
      return value
    }
    normalization = try value("normalize") { Normalization($0) }
    orientation = try value("orientation") { Orientation($0) }
    axes = try value("axes") { AxisOrder(rawValue: $0) }
    patch = try value("patch") { Self.extent($0) }
    spacing = try value("spacing") { Self.spacing($0) }
    convention = try value("convention") { ResamplingConvention(rawValue: $0) }
    stride = try value("stride") { Self.counts($0, from: 1) }
    halo = try value("halo") { Self.counts($0, from: 0) }
    labelNames = try value("labels") { Self.names($0) }
  }

  private static func extent(_ text: String) -> Extent? {
    let sizes = text.split(separator: "x", omittingEmptySubsequences: false).compactMap { Int($0) }
    guard sizes.allSatisfy({ (1...AxisTiling.longest).contains($0) }) else { return nil }
    switch sizes.count {
    case 1: return Extent(sizes[0])
    case 2: return Extent(width: sizes[0], height: sizes[1])
    case 3: return Extent(width: sizes[0], height: sizes[1], depth: sizes[2])
    default: return nil
    }
  }

  private static func counts(_ text: String, from least: Int) -> PerAxis<Int>? {
    let parts = text.split(separator: "x", omittingEmptySubsequences: false)
    let counts = parts.compactMap { Int($0) }
    guard counts.count == parts.count, counts.allSatisfy({ (least...1 << 20).contains($0) }) else {
      return nil
    }
    switch counts.count {
    case 1: return PerAxis(counts[0])
    case 2: return PerAxis(x: counts[0], y: counts[1], z: least)
    case 3: return PerAxis(x: counts[0], y: counts[1], z: counts[2])
    default: return nil
    }
  }

  private static func spacing(_ text: String) -> PerAxis<Double>? {
    let parts = text.split(separator: "x", omittingEmptySubsequences: false)
    let sizes = parts.compactMap { Double($0) }
    guard sizes.count == parts.count, sizes.allSatisfy({ $0 > 0 && $0.isFinite }) else { return nil }
    switch sizes.count {
    case 1: return PerAxis(sizes[0])
    case 3: return PerAxis(x: sizes[0], y: sizes[1], z: sizes[2])
    default: return nil
    }
  }

  private static func names(_ text: String) -> [String]? {
    let names = text.split(separator: ",", omittingEmptySubsequences: false).map { part in
      String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
    return names.contains("") ? nil : names
  }
}

extension VoxtileError {
  /// A setting that a network carries makes no sense.
  static func metadataNotReadable(_ key: String, _ text: String) -> VoxtileError {
    VoxtileError(
      .modelNotUsable, "the network says voxtile.\(key) = '\(text)', which cannot be read; fix its metadata",
      context: .init(found: text))
  }
}
