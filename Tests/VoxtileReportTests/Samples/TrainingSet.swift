import Foundation
import Voxtile
import VoxtileFormats
import VoxtileStore
import VoxtileTestSupport

/// Small sets of training patches.
enum TrainingSet {
  static let extent = Extent(width: 30, height: 26, depth: 22)
  static let patch = Extent(10)

  /// The lesions of a scan: a single voxel, a cube, and one that is larger than a patch.
  static let lesions = [
    Region(x: 2..<3, y: 3..<4, z: 4..<5), Region(x: 20..<23, y: 18..<21, z: 15..<18),
    Region(x: 6..<20, y: 9..<11, z: 8..<10),
  ]

  /// Writes scans and labels into `scans`.
  static func makeScans(_ names: [String], in folder: String) throws -> [SampledScan] {
    try FileManager.default.createDirectory(atPath: "\(folder)/scans", withIntermediateDirectories: true)
    return try names.map { name in
      var labels = Volume<UInt8>(extent: extent)
      var image = Volume<Int16>(extent: extent)
      for position in extent.positions {
        image[x: position.x, y: position.y, z: position.z] = Int16(position.x)
      }
      for (number, box) in lesions.enumerated() {
        for z in box.z {
          for y in box.y {
            for x in box.x {
              labels[x: x, y: y, z: z] = number == 1 ? 2 : 1
              image[x: x, y: y, z: z] = 200
            }
          }
        }
      }
      let scan = SampledScan(
        name, images: ["\(folder)/scans/\(name).nii.gz"], labels: "\(folder)/scans/\(name)_seg.nii.gz")
      try image.write(to: scan.images[0])
      try labels.write(to: scan.labels)
      return scan
    }
  }

  /// Writes a set of scans into `set`.
  @discardableResult
  static func make(
    _ names: [String] = ["one", "two"], in folder: String, minLesion: Int? = 1,
    _ change: (inout SampleOptions) -> Void = { _ in }
  ) throws -> SampleManifest {
    let scans = try makeScans(names, in: folder)
    let cover = minLesion.map { SamplingPlan.Cover(leastVoxels: $0) }
    var options = SampleOptions(
      patch: patch, plan: SamplingPlan(count: 8, seed: 3, cover: cover, negatives: .fraction(0.25)))
    change(&options)
    return try SampleSet(of: scans, options: options).write(to: "\(folder)/set", options: options)
  }
}
