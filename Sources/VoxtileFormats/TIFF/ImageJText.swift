import Voxtile

/// The lines `key=value` in which ImageJ describes a stack or hyperstack.
struct ImageJText {
  private var values: [Substring: Substring] = [:]

  /// Whether a description is ImageJ's.
  static func isIn(_ description: String) -> Bool { description.hasPrefix("ImageJ=") }

  init(_ description: String) {
    for line in description.split(whereSeparator: \.isNewline) {
      guard let equal = line.firstIndex(of: "=") else { continue }
      values[line[..<equal]] = line[line.index(after: equal)...]
    }
  }

  /// A number of images.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where it is not one of 1 to 2^31 - 1.
  private func count(_ key: Substring) throws(VoxtileError) -> Int? {
    guard let text = values[key] else { return nil }
    guard let count = Int(text), (1...Int(Int32.max)).contains(count) else {
      throw VoxtileError(
        .malformedFile,
        "says \(key)=\(text) in its ImageJ text, where a count of at least 1 belongs; repair it",
        context: .init(expected: "at least 1", found: String(text)))
    }
    return count
  }

  private func number(_ key: Substring) -> Double? {
    values[key].flatMap { Double($0) }.flatMap { $0.isFinite ? $0.magnitude : nil }
  }

  /// How the pages make a hyperstack: channels run fastest, then slices, then time points.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where there are fewer pages than images.
  func stack(_ pages: TIFFPages) throws(VoxtileError) -> TIFFStack {
    let simple = TIFFStack(slices: pages)
    let images = try count("images") ?? simple.pages.count
    let isOnePage = images > 1 && simple.pages.count == 1
    let found = isOnePage ? images : simple.pages.count
    var (channels, slices, frames) = (
      try count("channels") ?? 1, try count("slices") ?? 1, try count("frames") ?? 1
    )
    var stack = simple
    if !Self.product(channels, slices, frames, is: found) {
      // A plain stack says only how many images it has.
      if channels * frames > 1 || slices > 1 {
        stack.notes.append(
          "says in its ImageJ text that it has \(channels) channels, \(slices) slices and \(frames) frames, but has \(found) "
            + "images, which are taken as slices")
      }
      (channels, slices, frames) = (1, found, 1)
    }
    if found < images {
      throw .tiff("its ImageJ text says that it has \(images) images, but it has \(found)")
    }
    var numbers: [Int] = []
    if !isOnePage {
      for frame in 0..<frames {
        for channel in 0..<channels {
          for slice in 0..<slices {
            numbers.append(simple.pages[(frame * slices + slice) * channels + channel])
          }
        }
      }
    }
    stack.imagesInPage = isOnePage ? images : 1
    (stack.depth, stack.channels, stack.frames, stack.pages) = (
      slices, channels, frames, isOnePage ? [simple.pages[0]] : numbers
    )
    describe(&stack, pages.text)
    return stack
  }

  private static func product(_ a: Int, _ b: Int, _ c: Int, is expected: Int) -> Bool {
    let (first, overflowed) = a.multipliedReportingOverflow(by: b)
    let (second, overflowedToo) = first.multipliedReportingOverflow(by: c)
    return !overflowed && !overflowedToo && second == expected
  }

  /// Adds the size of a voxel and the time between frames.
  private func describe(_ stack: inout TIFFStack, _ text: TIFFText) {
    stack.writer = "ImageJ"
    stack.names.frameSeconds = number("finterval") ?? 0
    stack.notes.removeAll { $0 == TIFFStack.noDistanceNote }
    stack.spacing = nil
    let unit = values["unit"].map(String.init) ?? ""
    guard let resolution = text.resolution else { return }
    guard let millimeters = unit.isEmpty ? text.unitMillimeters : LengthUnit.millimeters(unit) else {
      if !["", "pixel", "pixels"].contains(unit) {
        stack.notes.append("gives lengths in the unknown unit '\(unit)'; the size of its voxels is not used")
      }
      return
    }
    let (x, y) = (millimeters / resolution.x, millimeters / resolution.y)
    let distance = number("spacing").flatMap { $0 > 0 ? $0 * millimeters : nil }
    if distance == nil, stack.depth > 1 {
      stack.notes.append("does not say how far apart its slices are; the width of a pixel is taken")
    }
    stack.hasDepth = distance != nil
    stack.spacing = PerAxis(x: x, y: y, z: distance ?? x)
  }
}
