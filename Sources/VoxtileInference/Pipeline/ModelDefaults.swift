import Voxtile

/// What a network says of itself: settings that it was trained with and that its file carries.
///
/// | key | value |
/// |---|---|
/// | `voxtile.normalize` | a ``Normalization``, such as `peak:99,1.3` |
/// | `voxtile.orientation` | an ``Orientation``, such as `RAS` |
/// | `voxtile.axes` | an ``AxisOrder``, `zyx` or `xyz` |
/// | `voxtile.patch` | the size of a patch, such as `64` or `96x96x64`, x first |
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

  /// Reads what a network says.
  ///
  /// - Parameter lookUp: gives the text for a key, or `nil`.
  /// - Throws: `VoxtileError.Code.modelNotUsable` where a text cannot be read, and what `lookUp` throws.
  public init(_ lookUp: (_ key: String) throws -> String?) throws {
    func value<Value>(_ key: String, _ parse: (String) -> Value?) throws -> Value? {
      guard let text = try lookUp("voxtile.\(key)") else { return nil }
      guard let value = parse(text) else {
        throw VoxtileError(
          .modelNotUsable,
          "the network says voxtile.\(key) = '\(text)', which cannot be read; fix its metadata",
          context: .init(found: text))
      }
      return value
    }
    normalization = try value("normalize") { Normalization($0) }
    orientation = try value("orientation") { Orientation($0) }
    axes = try value("axes") { AxisOrder(rawValue: $0) }
    patch = try value("patch") { Self.extent($0) }
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
}
