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

  private func numbers(_ path: String) throws -> [Int32] {
    try fileBytes(path).withUnsafeBytes { bytes in
      (0..<bytes.count / 4).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Int32.self) }
    }
  }
}
