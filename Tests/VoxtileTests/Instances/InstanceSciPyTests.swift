import Foundation
import Testing
import VoxtileTestSupport

@testable import Voxtile

private let python = OtherProgram.python(with: "scipy.ndimage, numpy")

@Suite(
  "Components of patches become SciPy's of the whole",
  .enabled(if: python != nil, "needs a Python with scipy"))
struct InstanceSciPyTests {
  /// Labels the whole of each image, and each of its patches on its own.
  private static let script = """
    import sys, json, numpy, scipy.ndimage as ndimage
    folder = sys.argv[1]
    for case, (shape, boxes) in enumerate(json.load(open(f"{folder}/cases.json"))):
        mask = numpy.fromfile(f"{folder}/{case}.mask", numpy.uint8).reshape(shape)
        structure = numpy.ones((3, 3, 3))
        ndimage.label(mask, structure)[0].astype(numpy.int32).tofile(f"{folder}/{case}.whole")
        with open(f"{folder}/{case}.patches", "wb") as file:
            for z, y, x, depth, height, width in boxes:
                patch = mask[z:z + depth, y:y + height, x:x + width]
                file.write(ndimage.label(patch, structure)[0].astype(numpy.int32).tobytes())
    """

  private struct Case {
    let grid: PatchGrid
    let mask: Volume<UInt8>
    let leastIoU: Double
    let random: SplitMix64
  }

  /// Noise of any shape, or balls that are apart: those are one piece in every patch, so that a higher IoU finds them, too.
  private static func randomCase(_ start: SplitMix64, number: Int) throws -> Case {
    var random = start
    let depth = number % 2 == 0 ? 1 : Int.random(in: 6...16, using: &random)
    let extent = Extent(
      width: .random(in: 12...40, using: &random), height: .random(in: 12...36, using: &random), depth: depth)
    let overlap = Int.random(in: 1...5, using: &random)
    let grid = try PatchGrid(
      over: extent, patch: Extent(width: 11, height: 10, depth: min(depth, 6)), overlap: .voxels(overlap))
    let isNoise = number % 4 < 2
    var mask = Volume<UInt8>(extent: extent, repeating: 0)
    if isNoise {
      let share = Double.random(in: 0.05...0.6, using: &random)
      mask.voxels = mask.voxels.map { _ in Double.random(in: 0..<1, using: &random) < share ? 1 : 0 }
    } else {
      let found = balls(in: extent, radii: 0...5, count: 40, apart: 2, using: &random)
      mask.voxels = found.voxels.map { $0 == 0 ? 0 : 1 }
    }
    return Case(grid: grid, mask: mask, leastIoU: isNoise ? 0 : 1, random: start)
  }

  @Test("no object is split or joined, on 120 random images in 2D and 3D")
  func whole() throws {
    try withTemporaryFolder { folder in
      var cases: [Case] = []
      for (number, start) in SplitMix64.cases(120, from: 7600).enumerated() {
        let one = try Self.randomCase(start, number: number)
        cases.append(one)
        try writeFile(one.mask.voxels, to: "\(folder)/\(number).mask")
      }
      let descriptions = cases.map { one in
        let boxes = one.grid.map { patch in
          let (origin, size) = (patch.region.origin, patch.region.extent)
          return "[\(origin.z),\(origin.y),\(origin.x),\(size.depth),\(size.height),\(size.width)]"
        }
        let extent = one.mask.extent
        return "[[\(extent.depth),\(extent.height),\(extent.width)],[\(boxes.joined(separator: ","))]]"
      }
      try writeFile(Array("[\(descriptions.joined(separator: ","))]".utf8), to: "\(folder)/cases.json")
      _ = try OtherProgram.output(of: #require(python), ["-c", Self.script, folder])
      for (number, one) in cases.enumerated() {
        let values = try numbers("\(folder)/\(number).patches")
        var start = 0
        let patches = try one.grid.map { patch in
          let count = patch.region.voxelCount
          defer { start += count }
          return try Volume<Int32>(extent: patch.region.extent, voxels: Array(values[start..<start + count]))
        }
        let (labels, _) = try one.grid.mergeInstances(settings: .init(leastIoU: one.leastIoU)) {
          patches[$0.index]
        }
        #expect(
          try labels.voxels.map { Int32($0) } == numbers("\(folder)/\(number).whole"),
          "\(one.random) \(one.grid.settings)")
      }
    }
  }

  /// Joins the objects of two patches by the matrix of their IoU, as tools that stitch cells do: a pair is kept where it is
  /// large enough and the largest of its row and of its column.
  private static let matrixScript = """
    import sys, json, numpy
    folder = sys.argv[1]
    for case, (shape, width, start, least) in enumerate(json.load(open(f"{folder}/cases.json"))):
        patches = numpy.fromfile(f"{folder}/{case}.patches", numpy.int32).reshape(2, *shape[:-1], width)
        first, second = patches[0].astype(int), patches[1].astype(int)
        a, b = first[..., start:].ravel(), second[..., :width - start].ravel()
        shared = numpy.zeros((first.max() + 1, second.max() + 1))
        numpy.add.at(shared, (a, b), 1)
        union = shared.sum(1, keepdims=True) + shared.sum(0, keepdims=True) - shared
        iou = (shared / numpy.maximum(union, 1))[1:, 1:]
        best = (iou >= least) & (iou == iou.max(1, keepdims=True)) & (iou == iou.max(0, keepdims=True))
        # Of equal pairs the one whose voxels come first is to be taken, which a matrix does not know.
        tied = (best.sum(0) > 1).any() or (best.sum(1) > 1).any()
        names = numpy.concatenate([[0], 10000 + numpy.arange(second.max())])
        for one, other in zip(*numpy.nonzero(best)):
            names[other + 1] = one + 1
        seam = (start + width - 1) // 2 + 1
        whole = numpy.concatenate([first[..., :seam], names[second][..., seam - start:]], axis=-1)
        labels, places, inverse = numpy.unique(whole.ravel(), return_index=True, return_inverse=True)
        objects = labels[numpy.argsort(places)]
        numbers = {label: number + 1 for number, label in enumerate(objects[objects > 0])}
        result = numpy.array([numbers.get(label, 0) for label in labels], numpy.int32)[inverse]
        (result if not tied else result[:0]).astype(numpy.int32).tofile(f"{folder}/{case}.whole")
    """

  @Test("two patches are joined as by the matrix of their IoU, on 120 pairs that differ")
  func matrix() throws {
    try withTemporaryFolder { folder in
      var cases: [(grid: PatchGrid, patches: [Volume<Int32>], leastIoU: Double, random: SplitMix64)] = []
      for (number, start) in SplitMix64.cases(120, from: 7700).enumerated() {
        var random = start
        let width = Int.random(in: 12...20, using: &random)
        let overlap = Int.random(in: 3...10, using: &random)
        let extent = Extent(
          width: 2 * width - overlap, height: .random(in: 5...20, using: &random),
          depth: number % 2 == 0 ? 1 : 5)
        let grid = try PatchGrid(
          over: extent,
          settings: GridSettings(
            patch: Extent(width: width, height: extent.height, depth: extent.depth),
            overlap: PerAxis(x: .voxels(overlap), y: .voxels(0), z: .voxels(0))))
        let whole = balls(in: extent, radii: 1...4, count: 30, apart: -2, using: &random)
        var patches = CutInstances(labels: whole, grid, using: &random).patches
        // The second patch has drawn everything a little elsewhere.
        let shift = Int.random(in: 1...3, using: &random)
        patches[1].voxels = Array(patches[1].voxels[shift...]) + [Int32](repeating: 0, count: shift)
        let leastIoU: Double = [0.1, 0.25, 0.5].randomElement(using: &random) ?? 0.5
        cases.append((grid, patches, leastIoU, start))
        var bytes: [UInt8] = []
        for patch in patches { patch.voxels.withUnsafeBytes { bytes.append(contentsOf: $0) } }
        try writeFile(bytes, to: "\(folder)/\(number).patches")
      }
      let descriptions = cases.map { one in
        let (extent, second) = (one.grid.extent, one.grid[1].region)
        return
          "[[\(extent.depth),\(extent.height),\(extent.width)],\(second.x.count),\(second.x.lowerBound),\(one.leastIoU)]"
      }
      try writeFile(Array("[\(descriptions.joined(separator: ","))]".utf8), to: "\(folder)/cases.json")
      _ = try OtherProgram.output(of: #require(python), ["-c", Self.matrixScript, folder])
      var compared = 0
      for (number, one) in cases.enumerated() {
        let expected = try numbers("\(folder)/\(number).whole")
        if expected.isEmpty { continue }
        compared += 1
        let (labels, _) = try one.grid.mergeInstances(settings: .init(leastIoU: one.leastIoU)) {
          one.patches[$0.index]
        }
        #expect(labels.voxels.map { Int32($0) } == expected, "\(one.random)")
      }
      #expect(compared > cases.count / 2, "\(compared)")
    }
  }

  private func numbers(_ path: String) throws -> [Int32] {
    try fileBytes(path).withUnsafeBytes { bytes in
      (0..<bytes.count / 4).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Int32.self) }
    }
  }
}
