import ArgumentParser
import Voxtile

/// One, two or three values, x first, as in `96`, `96x96` or `96x96x64`.
struct SizeArgument<Value: Sendable>: Sendable {
  let text: String
  private let values: [Value]

  init?(_ text: String, separator: Character, parse: (Substring) -> Value?) {
    let parts = text.split(separator: separator, omittingEmptySubsequences: false)
    let values = parts.compactMap(parse)
    guard (1...3).contains(parts.count), values.count == parts.count else { return nil }
    self.text = text
    self.values = values
  }

  /// One value for every axis.
  init(_ value: Value, text: String) {
    self.text = text
    values = [value]
  }

  /// The value of each axis of an image. One value stands for every axis of a volume and for both of a 2D
  /// image, whose depth gets `planar`. Two values do for a single slice, too.
  func expanded(over image: ImageSize, planar: Value, option: String) throws -> PerAxis<Value> {
    switch values.count {
    case 1:
      return PerAxis(x: values[0], y: values[0], z: image.isPlanar ? planar : values[0])
    case 2 where image.extent.isPlanar:
      return PerAxis(x: values[0], y: values[1], z: planar)
    case 3:
      return PerAxis(x: values[0], y: values[1], z: values[2])
    default:
      throw ValidationError(
        "\(option) \(text) has \(values.count) values, but the image is \(image.extent); give one or three")
    }
  }

  /// Whether one value was given for all axes.
  var isSingle: Bool { values.count == 1 }
}

/// A patch size in voxels.
struct PatchArgument: ExpressibleByArgument {
  let size: SizeArgument<Int>

  init?(argument: String) {
    let size = SizeArgument(argument, separator: "x") { part in
      Int(part).flatMap { $0 >= 1 ? $0 : nil }
    }
    guard let size else { return nil }
    self.size = size
  }

  func extent(over image: ImageSize) throws -> Extent {
    let patch = Extent(try size.expanded(over: image, planar: 1, option: "--patch"))
    guard !image.isPlanar || patch.isPlanar else {
      throw ValidationError(
        "--patch \(size.text) has a depth, but the image is 2D; use --patch \(patch.width)x\(patch.height)")
    }
    return patch
  }
}

/// An overlap in voxels or percent of the patch.
struct OverlapArgument: ExpressibleByArgument {
  /// A quarter of the patch.
  static let quarter = OverlapArgument(size: SizeArgument(.fraction(0.25), text: "25%"))
  /// A half of the patch.
  static let half = OverlapArgument(size: SizeArgument(.fraction(0.5), text: "50%"))

  let size: SizeArgument<Overlap>

  private init(size: SizeArgument<Overlap>) { self.size = size }

  init?(argument: String) {
    let size = SizeArgument(argument, separator: "x") { part -> Overlap? in
      if part.hasSuffix("%") {
        return Double(part.dropLast()).flatMap { $0 >= 0 && $0 < 100 ? .fraction($0 / 100) : nil }
      }
      return Int(part).flatMap { $0 >= 0 ? .voxels($0) : nil }
    }
    guard let size else { return nil }
    self.size = size
  }

  func overlap(over image: ImageSize, patch: Extent) throws -> PerAxis<Overlap> {
    let overlap = try size.expanded(over: image, planar: .voxels(0), option: "--overlap")
    // One overlap for all axes cannot mean one along which the patch has a single voxel.
    return size.isSingle ? PerAxis(overlap.x, patch: patch) : overlap
  }
}

/// An edge policy, or one for each axis: `shift` or `shift,shift,pad`.
struct EdgeArgument: ExpressibleByArgument {
  static let allValueStrings = EdgePolicy.allCases.map(\.description)

  static let allValueDescriptions = [
    "shift": "the last patch moves inward; nothing is lost",
    "balance": "all patches are spread evenly",
    "pad": "voxels are added after the end of the image",
    "pad-both": "voxels are added on both sides of the image",
    "partial": "the last patch is smaller",
    "discard": "voxels that fill no patch are lost",
  ]

  /// The policy that loses nothing.
  static let shift = EdgeArgument(size: SizeArgument(.shift, text: "shift"))

  let size: SizeArgument<EdgePolicy>

  private init(size: SizeArgument<EdgePolicy>) { self.size = size }

  init?(argument: String) {
    guard let size = SizeArgument(argument, separator: ",", parse: { EdgePolicy(String($0)) }) else {
      return nil
    }
    self.size = size
  }

  func edge(over image: ImageSize) throws -> PerAxis<EdgePolicy> {
    try size.expanded(over: image, planar: .shift, option: "--edge")
  }
}

extension Padding: ExpressibleByArgument {
  /// Reads a padding from its description, such as `reflect` or `constant:-1024`.
  public init?(argument: String) { self.init(argument) }
}

extension PatchOrder: ExpressibleByArgument {}
extension ScalarType: ExpressibleByArgument {}
