import Voxtile

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

func comingFromOtherTools() throws {
  let shifted = try AxisTiling(
    length: 300, patch: 128, overlap: .fraction(0.5), edge: .shift, axis: .x)
  print(shifted.starts)  // [0, 64, 128, 172]

  let balanced = try AxisTiling(
    length: 300, patch: 128, overlap: .fraction(0.5), edge: .balance, axis: .x)
  print(balanced.starts)  // [0, 57, 115, 172]
}

func paddedAsTorchIO(_ scan: Volume<Float>) -> Volume<Float> {
  let margin = 16
  let extent = scan.extent
  let padded = scan[
    Region(
      x: -margin..<extent.width + margin, y: -margin..<extent.height + margin,
      z: -margin..<extent.depth + margin), padding: .reflect]
  return padded
}

func settings(for extent: Extent, patch: Extent, overlap: Overlap) -> GridSettings {
  let edge = extent.sizes.map { axis, length -> EdgePolicy in
    length < patch[axis] ? .pad(.both) : .shift
  }
  return GridSettings(patch: patch, overlap: PerAxis(overlap, patch: patch), edge: edge)
}

func nnUNetBlend() -> Blend {
  let nnUNet = BlendProfile("nnU-Net") { length, _ in
    (0..<length).map { index in
      let distance = Double(index - length / 2) / (Double(length) / 8)
      return exp(-distance * distance / 2)
    }
  }
  return .mean(nnUNet)
}
