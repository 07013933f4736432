import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileFormats

private let python = OtherProgram.python(with: "tifffile, imagecodecs, SimpleITK, PIL.Image")

@Suite(
  "tifffile and SimpleITK read what is written",
  .enabled(
    if: python != nil && TIFFLibrary.isThere,
    "needs a Python with tifffile, imagecodecs, SimpleITK and Pillow"))
struct TIFFTifffileTests {
  private struct Image: Decodable {
    let axes: String
    let shape: [Int]
    let crc32: UInt32
    let kind: String
    let isBig: Bool
    /// mm or a unit's name for each axis.
    let sizes: [Double]?
  }

  private static let script = """
    import json, sys, zlib, numpy, tifffile
    units = {"mm": 1.0, "cm": 10.0}
    with tifffile.TiffFile(sys.argv[1]) as tiff:
        series = tiff.series[0]
        array = series.asarray()
        data = array.astype(array.dtype.newbyteorder("<")).tobytes()
        kind = "ome" if tiff.is_ome else "imagej" if tiff.is_imagej else "none"
        sizes = None
        if tiff.is_ome:
            pixels = tifffile.xml2dict(tiff.ome_metadata)["OME"]["Image"]["Pixels"]
            if "PhysicalSizeX" in pixels:
                sizes = [pixels[f"PhysicalSize{a}"] * units[pixels[f"PhysicalSize{a}Unit"]] for a in "XYZ" if f"PhysicalSize{a}" in pixels]
        elif tiff.is_imagej:
            x, y = [tiff.pages[0].tags[name].value for name in ("XResolution", "YResolution")]
            scale = units[tiff.imagej_metadata["unit"]]
            sizes = [x[1] / x[0] * scale, y[1] / y[0] * scale, tiff.imagej_metadata["spacing"] * scale]
        print(json.dumps(dict(axes=series.axes, shape=array.shape, crc32=zlib.crc32(data), kind=kind, isBig=tiff.is_bigtiff, sizes=sizes)))
    """

  private func read(_ path: String) throws -> Image {
    try JSONDecoder().decode(
      Image.self, from: OtherProgram.output(of: #require(python), ["-c", Self.script, path]))
  }

  private func volume<Scalar: VoxelScalar>(_ extent: Extent, channels: Int, as type: Scalar.Type) throws
    -> Volume<Scalar>
  {
    var volume = try TIFFTestFiles.pattern(extent, channels: channels, as: type)
    volume.metadata = VolumeMetadata(affine: Affine(spacing: PerAxis(x: 0.5, y: 0.25, z: 2)), spatialRank: 3)
    return volume
  }

  @Test("every type, as a stack of two channels", arguments: ScalarType.allCases)
  func types(type: ScalarType) throws {
    func check<Scalar: VoxelScalar>(_ type: Scalar.Type) throws {
      let volume = try volume(Extent(width: 21, height: 13, depth: 3), channels: 2, as: type)
      try withTemporaryFolder { folder in
        try volume.write(to: "\(folder)/a.tif")
        let image = try read("\(folder)/a.tif")
        let isOME = !(Scalar.scalarType == .int64 || Scalar.scalarType == .uint64)
        #expect(image.kind == (isOME ? "ome" : "imagej"))
        #expect(image.axes == "ZCYX" && image.shape == [3, 2, 13, 21])
        for (a, b) in zip(try #require(image.sizes), [0.5, 0.25, 2]) { #expect((a - b).magnitude < 1e-6) }
        // Channels are outermost here, and slices there.
        var slices: [Scalar] = []
        for z in 0..<3 {
          for channel in 0..<2 {
            let start = (channel * 3 + z) * 13 * 21
            slices += volume.voxels[start..<start + 13 * 21]
          }
        }
        #expect(slices.withUnsafeBytes { CRC32($0).value } == image.crc32)
      }
    }
    try check(type.type)
  }

  @Test("colors and time points")
  func channels() throws {
    try withTemporaryFolder { folder in
      for name in ["rgb.ome.tif", "tczyx.ome.tif", "rgba-pages.tif"] {
        let original = try ImageFormats.open(TIFFTestFiles.path(name))
        let writer = try ImageFormats.create("\(folder)/\(name)", info: original.info)
        try original.tiffBytes().withUnsafeBytes {
          try writer.write($0, slices: 0..<original.info.extent.depth)
        }
        try writer.finish()
        let image = try read("\(folder)/\(name)")
        #expect(image.axes == (name.hasPrefix("t") ? "ZTCYX" : "ZYXS"), "\(name): \(image.axes)")
      }
    }
  }

  @Test("tiles of a wide image, compressed at each level", arguments: WriteOptions.CompressionLevel.allCases)
  func tiles(level: WriteOptions.CompressionLevel) throws {
    let volume = try volume(Extent(width: 1100, height: 150), channels: 1, as: Int16.self)
    try withTemporaryFolder { folder in
      try volume.write(to: "\(folder)/a.tiff", options: WriteOptions(compression: level))
      let image = try read("\(folder)/a.tiff")
      #expect(image.shape == [150, 1100] && !image.isBig)
      #expect(volume.voxels.withUnsafeBytes { CRC32($0).value } == image.crc32)
    }
  }

  @Test("SimpleITK reads a stack with the size of its pixels, and Pillow its first page")
  func otherReaders() throws {
    let script = """
      import json, sys, zlib, SimpleITK, PIL.Image
      image = SimpleITK.ReadImage(sys.argv[1])
      array = SimpleITK.GetArrayFromImage(image)
      with PIL.Image.open(sys.argv[1]) as first:
          first.load()
          print(json.dumps(dict(size=image.GetSize(), spacing=image.GetSpacing(), crc32=zlib.crc32(array.tobytes()), mode=first.mode, frames=first.n_frames)))
      """
    struct Found: Decodable {
      let size: [Int]
      let spacing: [Double]
      let crc32: UInt32
      let mode: String
      let frames: Int
    }
    let volume = try volume(Extent(width: 21, height: 13, depth: 3), channels: 1, as: UInt16.self)
    try withTemporaryFolder { folder in
      try volume.write(to: "\(folder)/a.tif")
      let found = try JSONDecoder().decode(
        Found.self, from: OtherProgram.output(of: #require(python), ["-c", script, "\(folder)/a.tif"]))
      #expect(found.size == [21, 13, 3] && found.mode == "I;16" && found.frames == 3)
      // ITK does not know of distances between pages.
      for (a, b) in zip(found.spacing, [0.5, 0.25]) { #expect((a - b).magnitude < 1e-6) }
      #expect(volume.voxels.withUnsafeBytes { CRC32($0).value } == found.crc32)
    }
  }
}
