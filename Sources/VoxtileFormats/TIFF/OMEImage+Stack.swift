import Voxtile

extension OMEImage {
  /// How the pages make the image.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where description and pages contradict each other,
  ///   `VoxtileError.Code.unsupportedFormat` where planes lie in other files.
  func stack(_ pages: TIFFPages) throws(VoxtileError) -> TIFFStack {
    let samples = pages.all.first.flatMap { $0?.pixels.samples } ?? 1
    let sizes = (c: try size("SizeC"), z: try size("SizeZ"), t: try size("SizeT"))
    guard sizes.c.isMultiple(of: samples) else {
      throw Self.error(
        "has SizeC=\"\(sizes.c)\"", expected: "a multiple of the \(samples) samples of a pixel",
        found: "\(sizes.c)")
    }
    var stack = TIFFStack(depth: sizes.z, channels: sizes.c / samples, frames: sizes.t, pages: [])
    stack.pages = try pageNumbers(of: stack, samples: samples, pageCount: pages.all.count)
    try checkSize(pages, stack.pages)
    stack.writer = "OME"
    stack.names = names
    if stack.names.channels.allSatisfy(\.isEmpty) { stack.names.channels = [] }
    stack.names.frameSeconds = frameSeconds
    describe(&stack)
    if imageCount > 1 {
      stack.notes.append("has \(imageCount) images in its OME description, of which the first is read")
    }
    return stack
  }

  private func size(_ key: String) throws(VoxtileError) -> Int {
    let text = pixels[key] ?? "nothing"
    guard let size = Int(text), (1...Int(Int32.max)).contains(size) else {
      throw Self.error("has \(key)=\"\(text)\"", expected: "at least 1", found: text)
    }
    return size
  }

  private func checkSize(_ pages: TIFFPages, _ numbers: [Int]) throws(VoxtileError) {
    let found = try pages.commonPixels(of: numbers)
    let expected = (try size("SizeX"), try size("SizeY"))
    guard expected == (found.width, found.height) else {
      throw Self.error(
        "says \(expected.0)x\(expected.1) pixels",
        expected: "the \(found.width)x\(found.height) of its pages",
        found: "\(expected.0)x\(expected.1)")
    }
  }

  /// The page of each plane, in the order of ``TIFFStack/pages``.
  private func pageNumbers(
    of stack: TIFFStack, samples: Int, pageCount: Int
  ) throws(VoxtileError) -> [Int] {
    let order = pixels["DimensionOrder"] ?? ""
    guard order.hasPrefix("XY"), order.count == 5, Set(order.dropFirst(2)) == ["Z", "C", "T"] else {
      throw Self.error("has DimensionOrder=\"\(order)\"", expected: "XY, then Z, C and T", found: order)
    }
    let (area, overflowed) = stack.depth.multipliedReportingOverflow(by: stack.channels)
    let (count, overflowedToo) = area.multipliedReportingOverflow(by: stack.frames)
    guard !overflowed, !overflowedToo, count <= pageCount else {
      throw Self.error(
        "says \(stack.depth) slices, \(stack.channels) channels and \(stack.frames) time points",
        expected: "no more than its \(pageCount) pages", found: "more")
    }
    let sizes: [Character: Int] = ["Z": stack.depth, "C": stack.channels, "T": stack.frames]
    let axes = order.dropFirst(2).map { ($0, sizes[$0] ?? 1) }
    var pages = [Int?](repeating: nil, count: count)
    var placed = 0
    for planes in planes.isEmpty ? [Planes()] : planes {
      if !planes.file.isEmpty {
        throw .tiffHas(
          "planes in other files (\(planes.file))",
          advice: "save the image as one file, for example with Bio-Formats")
      }
      let first: [Character: Int] = [
        "Z": planes.firstSlice, "C": planes.firstChannel / samples, "T": planes.firstFrame,
      ]
      placed += place(planes, at: first, axes, stack, pageCount: pageCount, &pages)
      // Each plane once is enough; a description may not make us work without end.
      guard placed <= 2 * count else {
        throw Self.error(
          "names planes again and again", expected: "each once", found: "\(placed) of \(count)")
      }
    }
    let found = pages.compactMap(\.self)
    guard found.count == count else {
      throw Self.error("names pages for \(found.count) planes", expected: "\(count)", found: "\(found.count)")
    }
    return found
  }

  /// Enters the pages of planes that follow each other.
  ///
  /// - Returns: how many they are.
  private func place(
    _ planes: Planes, at first: [Character: Int], _ axes: [(name: Character, size: Int)], _ stack: TIFFStack,
    pageCount: Int, _ pages: inout [Int?]
  ) -> Int {
    var plane = 0
    var stride = 1
    for (name, size) in axes {
      guard let start = first[name], start < size else { return 1 }
      plane += start * stride
      stride *= size
    }
    let start = planes.page ?? 0
    let count = planes.count ?? (planes.page == nil ? pages.count : 1)
    let placed = max(0, min(count, pages.count - plane, pageCount - start))
    for number in 0..<placed {
      var rest = plane + number
      var place: [Character: Int] = [:]
      for (name, size) in axes {
        place[name] = rest % size
        rest /= size
      }
      let (c, z, t) = (place["C"] ?? 0, place["Z"] ?? 0, place["T"] ?? 0)
      pages[(t * stack.channels + c) * stack.depth + z] = start + number
    }
    return placed
  }

  /// Adds the size of a voxel.
  private func describe(_ stack: inout TIFFStack) {
    guard let x = millimeters("X"), let y = millimeters("Y") else { return }
    let z = millimeters("Z")
    stack.hasDepth = z != nil
    if z == nil, stack.depth > 1 { stack.notes.append(TIFFStack.noDistanceNote) }
    stack.spacing = PerAxis(x: x, y: y, z: z ?? 1)
  }

  /// The size of a voxel along an axis, or `nil` where it has none or its unit is no length.
  private func millimeters(_ axis: String) -> Double? {
    guard let size = pixels["PhysicalSize\(axis)"].flatMap({ Double($0) }), size > 0, size.isFinite,
      let unit = LengthUnit.millimeters(pixels["PhysicalSize\(axis)Unit"] ?? "\u{B5}m")
    else { return nil }
    return size * unit
  }

  private var frameSeconds: Double {
    guard let time = pixels["TimeIncrement"].flatMap({ Double($0) }), time > 0, time.isFinite else {
      return 0
    }
    let units = ["s": 1, "ms": 1e-3, "\u{B5}s": 1e-6, "min": 60, "h": 3600]
    return units[pixels["TimeIncrementUnit"] ?? "s"].map { time * $0 } ?? 0
  }
}
