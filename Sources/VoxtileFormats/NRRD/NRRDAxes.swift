import Voxtile

/// Which axes of an NRRD file are those of the image, and which ones count as channels.
struct NRRDAxes: Equatable, Sendable {
  /// The size of each axis, the fastest first.
  var sizes: [Int]
  /// The axes of the image, at most three, side by side. Those before them are the components of a voxel, those after them planes.
  var spatial: Range<Int>

  var spatialSizes: [Int] { Array(sizes[spatial]) }
  var components: [Int] { Array(sizes[..<spatial.lowerBound]) }
  var planes: [Int] { Array(sizes[spatial.upperBound...]) }

  /// The number of values of a voxel.
  var channels: Int { (components + planes).reduce(1, *) }
}

extension NRRDHeader {
  /// The most axes of the standard.
  private static let maxAxes = 16
  /// Kinds of axes along which voxels lie in the world.
  private static let spatialKinds: Set<String> = ["domain", "space"]
  /// Kinds that say nothing.
  private static let unknownKinds: Set<String> = ["???", "none", ""]

  /// The axes.
  ///
  /// An axis without a direction (`none`) is one of channels, and otherwise one whose kind is neither `domain` nor `space`,
  /// as `vector`, `list`, `RGB-color`, `complex` or `time`. Where nothing is said, the first three are those of the image.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where values are missing or not what they should be,
  ///   `VoxtileError.Code.unsupportedFormat` where channels lie between axes of the image.
  func axes() throws(VoxtileError) -> NRRDAxes {
    let dimension = try required("dimension")
    guard let count = Int(dimension.value), (1...Self.maxAxes).contains(count) else {
      throw dimension.error(expected: "1 to \(Self.maxAxes)")
    }
    let sizes = try required("sizes").integers(count: count, atLeast: 1)
    let flags = try spatialFlags(count)
    let found = flags.indices.filter { flags[$0] }.prefix(3)
    guard let first = found.first, let last = found.last else {
      throw VoxtileError(
        .unsupportedFormat, "has no axis of an image: all \(count) are of channels; give it kinds of domain",
        context: .init(expected: "1 to 3 axes of the kind domain", found: "none"))
    }
    guard last - first + 1 == found.count else {
      throw VoxtileError(
        .unsupportedFormat,
        "has channels between the axes of its image, which is not read here; make the axis of channels the first or the "
          + "last one",
        context: .init(expected: "axes \(first) to \(first + found.count - 1)", found: "\(Array(found))"))
    }
    return NRRDAxes(sizes: sizes, spatial: first..<last + 1)
  }

  private func spatialFlags(_ count: Int) throws(VoxtileError) -> [Bool] {
    let kinds = try kinds(count)
    if let directions = try directions(count) {
      return directions.enumerated().map { axis, direction in
        guard let direction else { return false }
        // The axis of time in a space with time.
        let isOutside = direction.count > 3 && direction.prefix(3).allSatisfy { $0 == 0 }
        return !isOutside && !(kinds?[axis] == "time")
      }
    }
    if let kinds, !kinds.allSatisfy(Self.unknownKinds.contains) {
      return kinds.map { Self.spatialKinds.contains($0) || Self.unknownKinds.contains($0) }
    }
    return (0..<count).map { $0 < 3 }
  }

  /// The kinds of the axes in lowercase, or `nil` where there are none.
  func kinds(_ count: Int) throws(VoxtileError) -> [String]? {
    guard let entry = field("kinds") else { return nil }
    let kinds = entry.value.lowercased().split(whereSeparator: \.isBlank).map(String.init)
    guard kinds.count == count else { throw entry.error(expected: "\(count) words") }
    return kinds
  }

  /// What the channels are, as far as kinds say it.
  func channelMeaning(_ axes: NRRDAxes) -> ChannelMeaning {
    let others = axes.sizes.indices.filter { !axes.spatial.contains($0) && axes.sizes[$0] > 1 }
    guard let axis = others.first else { return .unknown }
    guard others.count == 1 else { return .axes(others.map { axes.sizes[$0] }) }
    let kind = (try? kinds(axes.sizes.count))?[axis]
    // An axis that runs along a fourth coordinate is that of time, whatever its kind is; ITK writes `domain`.
    let vector = ((try? directions(axes.sizes.count))?[axis]).flatMap { $0.count > 3 ? $0 : nil }
    if kind == "time" || vector != nil { return .time(stepSeconds: step(along: axis, vector)) }
    guard let kind else { return .unknown }
    if kind.hasSuffix("-color") { return .colors }
    let isTensor = kind.hasSuffix("matrix") || kind.hasSuffix("gradient") || kind.hasSuffix("normal")
    return isTensor || ["complex", "quaternion", "covariant-vector"].contains(kind) ? .components : .unknown
  }

  /// The seconds from one time point to the next: the fourth coordinate of a vector, or else the spacing. Without a unit it is in
  /// seconds, as in ITK.
  private func step(along axis: Int, _ vector: [Double]?) -> Double? {
    let (step, unit): (Double?, String?)
    if let vector {
      (step, unit) = (vector.last.map(abs), spaceUnits?.names.dropFirst(3).first)
    } else {
      let spacings = field("spacings")?.value.split(whereSeparator: \.isBlank) ?? []
      step = axis < spacings.count ? Double(spacings[axis]) : nil
      unit = axisUnits?.names.dropFirst(axis).first
    }
    let seconds = unit.map { $0.isEmpty || $0 == "???" ? 1 : TimeUnit.seconds($0) } ?? 1
    guard let step, let seconds, step.isFinite, step > 0 else { return nil }
    return step * seconds
  }

  /// Whether nothing says which axis is that of channels.
  var isAxisOfChannelsUnknown: Bool {
    field("space directions") == nil && field("kinds") == nil
  }

  /// The vector of each axis, `nil` for one without, or `nil` where the field is missing.
  func directions(_ count: Int) throws(VoxtileError) -> [[Double]?]? {
    guard let entry = field("space directions") else { return nil }
    let space = try spaceDimension()
    guard let vectors = Self.vectors(entry.value), vectors.count == count,
      vectors.allSatisfy({ $0 == nil || $0?.count == space })
    else { throw entry.error(expected: "\(count) vectors of \(space) numbers, or none") }
    return vectors
  }

  /// Vectors as in `none (1,0,0) (0, 1, 0)`; `nil` where the text is none. A vector of NaN is `none`, as in pynrrd.
  static func vectors(_ text: String) -> [[Double]?]? {
    var vectors: [[Double]?] = []
    var rest = text[...]
    while let start = rest.firstIndex(where: { !$0.isBlank }) {
      rest = rest[start...]
      if rest.lowercased().hasPrefix("none") {
        vectors.append(nil)
        rest = rest.dropFirst(4)
        continue
      }
      guard rest.first == "(", let end = rest.firstIndex(of: ")"), vectors.count < maxAxes else {
        return nil
      }
      let parts = rest[rest.index(after: rest.startIndex)..<end].split(
        separator: ",", omittingEmptySubsequences: false)
      let numbers = parts.compactMap { Double($0.trimmed) }
      guard numbers.count == parts.count else { return nil }
      guard numbers.allSatisfy(\.isFinite) else {
        guard numbers.allSatisfy(\.isNaN) else { return nil }
        vectors.append(nil)
        rest = rest[rest.index(after: end)...]
        continue
      }
      vectors.append(numbers)
      rest = rest[rest.index(after: end)...]
    }
    return vectors
  }
}
