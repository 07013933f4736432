/// The order of the axes of a network's tensors, as letters: `NCDHW` for patches, channels, depth, height, width.
///
/// Frameworks differ: PyTorch has channels before the spatial axes (`NCDHW`, `NCHW`), Keras after them (`NDHWC`, `NHWC`), and
/// some networks take one patch without an axis for the batch (`CDHW`) or a single channel without an axis (`DHW`). Which of the
/// spatial axes is x is another question, which ``AxisOrder`` answers.
public struct TensorLayout: Hashable, Sendable {
  /// The letters: N for patches, C for channels, and D (in 3D only), H and W.
  public let letters: String

  private init(letters: String) { self.letters = letters }

  /// The number of axes.
  var rank: Int { letters.count }
  /// Whether there is an axis for the patches of a batch.
  var hasBatch: Bool { letters.first == "N" }
  /// Whether there is an axis for channels.
  var hasChannels: Bool { letters.contains("C") }
  /// Whether channels are the last axis.
  var isChannelsLast: Bool { letters.last == "C" }
  /// The number of spatial axes.
  var spatialRank: Int { rank - (hasBatch ? 1 : 0) - (hasChannels ? 1 : 0) }

  /// The same without an axis for channels.
  var withoutChannels: TensorLayout { TensorLayout(letters: letters.filter { $0 != "C" }) }

  /// The same with channels before the spatial axes, or after them.
  func withChannels(last isLast: Bool) -> TensorLayout {
    let spatial = letters.filter { !"NC".contains($0) }
    return TensorLayout(letters: (hasBatch ? "N" : "") + (isLast ? spatial + "C" : "C" + spatial))
  }

  /// The sizes of a tensor in this layout.
  ///
  /// - Parameter shape: `[n, channels, spatial...]`; `n` or `channels` is 1 where there is no axis for it.
  func sizes<Size>(of shape: [Size]) -> [Size] {
    var sizes = Array(shape.dropFirst(2))
    if hasChannels { sizes.insert(shape[1], at: isChannelsLast ? sizes.count : 0) }
    return hasBatch ? [shape[0]] + sizes : sizes
  }

  /// The sizes `[n, channels, spatial...]` of a tensor with sizes in this layout.
  ///
  /// - Parameter one: the size along an axis that there is not.
  func shape<Size>(of sizes: [Size], one: Size) -> [Size] {
    var spatial = hasBatch ? Array(sizes.dropFirst()) : sizes
    let channels = hasChannels ? spatial.remove(at: isChannelsLast ? spatial.count - 1 : 0) : one
    return [hasBatch ? sizes[0] : one, channels] + spatial
  }
}

extension TensorLayout: LosslessStringConvertible {
  /// The letters.
  public var description: String { letters }

  /// The layout with these letters, in either case; `nil` where D, H and W are not in that order, channels lie between them,
  /// or N is not the first letter.
  public init?(_ description: String) {
    let letters = description.uppercased()
    let spatial = letters.filter { !"NC".contains($0) }
    guard spatial == "HW" || spatial == "DHW" else { return nil }
    let own = TensorLayout(letters: letters)
    let fitting = [
      own.withoutChannels, own.withChannels(last: false), own.withChannels(last: true),
    ]
    guard fitting.contains(own) else { return nil }
    self = own
  }
}

extension TensorLayout {
  /// The most that a fixed size may be to look like a number of channels rather than of voxels.
  private static let maxChannels = 16

  /// The layout that the sizes of an input suggest, or `nil` where they suggest none.
  ///
  /// - Parameter sizes: what the network declares; `nil` where any size is fine.
  /// - Returns: also whether it is the usual one, with patches and channels first.
  static func guessed(from sizes: [Int?]) -> (layout: TensorLayout, isUsual: Bool)? {
    func isFew(_ index: Int) -> Bool { sizes[index].map { $0 <= maxChannels } ?? false }
    func isMany(_ index: Int) -> Bool { !isFew(index) }
    func isFixedAndMany(_ index: Int) -> Bool { sizes[index] != nil && !isFew(index) }
    /// Whether the size before the spatial ones looks like one of them, while the last one does not.
    func areChannelsLast(after first: Int) -> Bool {
      guard let last = sizes[sizes.count - 1], last <= maxChannels else { return false }
      guard let size = sizes[first] else { return true }
      return size > maxChannels || size > last && size == sizes[first + 1]
    }
    switch sizes.count {
    case 5:
      return areChannelsLast(after: 1)
        ? (TensorLayout(letters: "NDHWC"), false) : (TensorLayout(letters: "NCDHW"), true)
    case 4:
      if areChannelsLast(after: 1) {
        return (TensorLayout(letters: isFixedAndMany(0) ? "DHWC" : "NHWC"), false)
      }
      let isCube = (sizes[1] ?? 0) > 4 && sizes[1] == sizes[2] && sizes[2] == sizes[3]
      if isFew(0), isMany(1) || isCube && sizes[0] != sizes[1] {
        return (TensorLayout(letters: "CDHW"), false)
      }
      return (TensorLayout(letters: "NCHW"), true)
    case 3:
      if isFew(0), isMany(1), isMany(2) { return (TensorLayout(letters: "CHW"), false) }
      if isMany(0), isMany(1), isFew(2) { return (TensorLayout(letters: "HWC"), false) }
      return sizes.indices.allSatisfy(isFixedAndMany) ? (TensorLayout(letters: "DHW"), false) : nil
    default:
      return nil
    }
  }

  /// The layout of an output, or `nil` where it has too few or too many axes.
  ///
  /// - Parameters:
  ///   - sizes: what the network declares for the output; empty where it declares nothing.
  ///   - input: the sizes of the input, in this layout.
  func output(_ sizes: [Int?], input: [Int?]) -> TensorLayout? {
    switch sizes.count {
    case 0: return self
    case rank where hasChannels:
      // Some networks take one order and give the other one.
      let other = withChannels(last: !isChannelsLast)
      let spatial = shape(of: input, one: nil).dropFirst(2)
      let isOther =
        shape(of: sizes, one: nil).dropFirst(2) != spatial
        && other.shape(of: sizes, one: nil).dropFirst(2) == spatial
        && spatial.allSatisfy { $0 != nil }
      return isOther ? other : self
    case rank: return self
    case rank - 1 where hasChannels: return withoutChannels
    case rank + 1 where !hasChannels:
      let first = withChannels(last: false)
      let isFirst = first.shape(of: sizes, one: nil).dropFirst(2) == shape(of: input, one: nil).dropFirst(2)
      return isFirst
        ? first : withChannels(last: sizes.last.map { ($0 ?? .max) <= Self.maxChannels } ?? false)
    default: return nil
    }
  }
}
