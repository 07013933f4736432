import ArgumentParser
import Voxtile

/// What may stand between two numbers of a size.
private let sizeSeparators: Set<Character> = ["x", "X", "×", ","]

/// One, two or three values, x first, as in `96`, `96x96`, `96x96x64` or `96,96,64`.
struct SizeArgument<Value: Sendable>: Sendable {
  let text: String
  private let values: [Value]

  init?(_ text: String, separators: Set<Character>, parse: (Substring) -> Value?) {
    let parts = text.split(omittingEmptySubsequences: false) { separators.contains($0) }
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
    let size = SizeArgument(argument, separators: sizeSeparators) { part in
      Int(part).flatMap { (1...Self.largest).contains($0) ? $0 : nil }
    }
    guard let size else { return nil }
    self.size = size
  }

  /// The largest size along an axis, as of a grid.
  private static let largest = Int(Int32.max)

  func extent(over image: ImageSize) throws -> Extent {
    let patch = Extent(try size.expanded(over: image, planar: 1, option: "--patch"))
    guard !image.isPlanar || patch.isPlanar else {
      throw ValidationError(
        "--patch \(size.text) has a depth, but the image is 2D; use --patch \(patch.width)x\(patch.height)")
    }
    return patch
  }
}

extension PatchArgument: ExplainedArgument {
  static func fault(in argument: String) -> String? {
    let parts = argument.split(omittingEmptySubsequences: false) { sizeSeparators.contains($0) }
    for part in parts {
      if let number = Int(part) {
        if number < 1 { return "a size is at least 1 voxel along each axis" }
        if number > largest { return "a size is at most \(largest) voxels" }
      } else if part.lowercased().hasSuffix("mm") {
        return "a size is in voxels, not in mm; divide by the size of a voxel, which info prints"
      } else if Double(part) != nil {
        return "a size is a whole number of voxels"
      } else {
        return "a size is one number, or one for each axis, as in 96 or 96x96x64"
      }
    }
    return parts.count > 3 ? "a size has one, two or three numbers, x first" : nil
  }
}

/// An overlap in voxels, percent of the patch, or as a fraction of it below 1.
struct OverlapArgument: ExpressibleByArgument {
  /// A quarter of the patch.
  static let quarter = OverlapArgument(size: SizeArgument(.fraction(0.25), text: "25%"))
  /// A half of the patch.
  static let half = OverlapArgument(size: SizeArgument(.fraction(0.5), text: "50%"))

  let size: SizeArgument<Overlap>

  private init(size: SizeArgument<Overlap>) { self.size = size }

  init?(argument: String) {
    let size = SizeArgument(argument, separators: sizeSeparators) { part -> Overlap? in
      let text = part.filter { $0 != " " }
      if text.hasSuffix("%") {
        return Double(text.dropLast()).flatMap { $0 >= 0 && $0 < 100 ? .fraction($0 / 100) : nil }
      }
      if let voxels = Int(text) { return voxels >= 0 ? .voxels(voxels) : nil }
      // As other systems write it: 0.5 is half of the patch.
      return Double(text).flatMap { $0 >= 0 && $0 < 1 ? .fraction($0) : nil }
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

extension OverlapArgument: ExplainedArgument {
  static func fault(in argument: String) -> String? {
    let parts = argument.split(omittingEmptySubsequences: false) { sizeSeparators.contains($0) }
    for part in parts {
      let text = part.filter { $0 != " " }.lowercased()
      let isPercent = text.hasSuffix("%")
      if let number = Double(isPercent ? String(text.dropLast()) : text) {
        if number < 0 { return "an overlap is not negative" }
        if isPercent, number >= 100 { return "neighbors share less than a whole patch: less than 100%" }
        if !isPercent, number == 1 || number.isInfinite || number.isNaN {
          return "neighbors share less than a whole patch: a fraction below 1; 1 without a point is one voxel"
        }
        if !isPercent, number > 1, number != number.rounded() || text.contains(".") {
          return "an overlap is a whole number of voxels, a percentage such as 25%, or a fraction below 1"
        }
      } else if text.hasSuffix("mm") {
        return
          "an overlap is in voxels or percent, not in mm; divide by the size of a voxel, which info prints"
      } else {
        return "an overlap is in voxels or percent, for all axes or for each one, as in 32, 25% or 32x32x16"
      }
    }
    return parts.count > 3 ? "an overlap has one, two or three numbers, x first" : nil
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
    guard let size = SizeArgument(argument, separators: [","], parse: { EdgePolicy(String($0)) }) else {
      return nil
    }
    self.size = size
  }

  func edge(over image: ImageSize) throws -> PerAxis<EdgePolicy> {
    try size.expanded(over: image, planar: .shift, option: "--edge")
  }
}

extension EdgeArgument: ExplainedArgument {
  static func fault(in argument: String) -> String? {
    let names = argument.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    guard let wrong = names.first(where: { EdgePolicy($0) == nil }) else {
      return names.count > 3 ? "there is one policy, or one for each axis" : nil
    }
    let suggestion = UsageError.suggestion(for: wrong, among: allValueStrings)
    return "there is no policy '\(wrong)'"
      + (suggestion.isEmpty ? "; use \(allValueStrings.joined(separator: ", "))" : suggestion)
  }
}

extension Padding: ExpressibleByArgument {
  /// Reads a padding from its description, such as `reflect` or `constant:-1024`.
  public init?(argument: String) { self.init(argument) }
}

extension Padding: ExplainedArgument {
  static func fault(in argument: String) -> String? {
    if Double(argument) != nil { return "write constant:\(argument) for voxels of that value" }
    let words = ["constant", "edge", "reflect", "symmetric", "wrap"]
    let suggestion = UsageError.suggestion(for: argument, among: words)
    return suggestion.isEmpty
      ? "there is no such padding; use constant, constant:VALUE, edge, reflect, symmetric or wrap"
      : "there is no such padding" + suggestion
  }
}

extension PatchOrder: ExpressibleByArgument {}
extension ScalarType: ExpressibleByArgument {}
