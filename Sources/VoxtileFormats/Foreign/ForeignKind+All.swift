extension ForeignKind {
  private static let toNifti = "convert it to NIfTI"
  private static let withSimpleITK = "convert it to NIfTI, for example with SimpleITK, ITK-SNAP or 3D Slicer"
  private static let withNibabel = "save the array as NIfTI, for example with nibabel"
  private static let toPNG = "convert it to PNG"
  private static let unpack = "unpack it, and name the image in it"

  /// All kinds that are known. The first one whose marks are found counts, so that a special kind comes before a general one.
  static let all: [ForeignKind] = pointers + volumes + arrays + pictures + archives + texts

  /// What stands in the place of a file that was not downloaded.
  private static let pointers = [
    ForeignKind(
      name: "a Git LFS pointer, not the file itself", advice: "run git lfs pull",
      marks: [Mark("version https://git-lfs.github.com/spec/")]),
    ForeignKind(
      name: "a git-annex pointer, not the file itself",
      advice: "run git annex get or datalad get", marks: [Mark("/annex/objects/")]),
    ForeignKind(
      name: "a web page (HTML), perhaps a login or an error instead of a download",
      advice: "download the file again",
      marks: [Mark("<!doctype html"), Mark("<html")], endings: [".html", ".htm"]),
  ]

  private static let volumes = [
    // Inside of another file.
    ForeignKind(name: "DICOM", advice: "unpack it", marks: [Mark("DICM", at: 128)]),
    ForeignKind(
      name: "MINC 2 (HDF5)", advice: "convert it with mnc2nii, or with nibabel", marks: [hdf5],
      endings: [".mnc"],
      needsBoth: true),
    ForeignKind(
      name: "MINC 1 (netCDF)", advice: "convert it with mnc2nii, or with nibabel",
      marks: [Mark([0x43, 0x44, 0x46, 1]), Mark([0x43, 0x44, 0x46, 2])], endings: [".mnc"], needsBoth: true),
    ForeignKind(
      name: "a Philips PAR/REC header", advice: "convert it with dcm2niix",
      marks: [Mark("# === DATA DESCRIPTION FILE")],
      endings: [".par", ".rec"]),
    ForeignKind(
      name: "an AFNI image", advice: "convert it with 3dAFNItoNIFTI",
      marks: [Mark("type = ", at: 0), Mark("\ntype")],
      endings: [".head", ".brik", ".brik.gz"], needsBoth: true),
    ForeignKind(name: "ECAT 7", advice: "convert it with nibabel", marks: [Mark("MATRIX72")]),
    ForeignKind(
      name: "a VTK file", advice: withSimpleITK, marks: [Mark("# vtk DataFile")], endings: [".vtk", ".vti"]),
  ]

  private static let hdf5 = Mark([0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A])

  private static let arrays = [
    ForeignKind(
      name: "a Matlab file", advice: withNibabel,
      marks: [Mark("MATLAB 5.0 MAT-file"), Mark("MATLAB 7.3 MAT-file")],
      endings: [".mat"]),
    ForeignKind(name: "HDF5", advice: withNibabel, marks: [hdf5], endings: [".h5", ".hdf5"]),
    ForeignKind(
      name: "netCDF", advice: withNibabel,
      marks: [Mark([0x43, 0x44, 0x46, 1]), Mark([0x43, 0x44, 0x46, 2])],
      endings: [".nc"]),
    ForeignKind(
      name: "a PyTorch file", advice: withNibabel, marks: zip, endings: [".pt", ".pth", ".ckpt"],
      needsBoth: true),
  ]

  private static let pictures = [
    ForeignKind(
      name: "JPEG 2000", advice: toPNG,
      marks: [Mark([0, 0, 0, 0x0C, 0x6A, 0x50, 0x20, 0x20]), Mark([0xFF, 0x4F, 0xFF, 0x51])],
      endings: [".jp2", ".j2k"]),
    ForeignKind(name: "GIF", advice: toPNG, marks: [Mark("GIF87a"), Mark("GIF89a")], endings: [".gif"]),
    ForeignKind(name: "WebP", advice: toPNG, marks: [Mark("WEBP", at: 8)], endings: [".webp"]),
    ForeignKind(name: "BMP", advice: toPNG, marks: [Mark("BM")], endings: [".bmp"], needsBoth: true),
    ForeignKind(name: "a Zeiss CZI image", advice: toPNG, marks: [Mark("ZISRAWFILE")], endings: [".czi"]),
    ForeignKind(name: "PDF", advice: "export its pictures as PNG", marks: [Mark("%PDF")], endings: [".pdf"]),
  ]

  private static let zip = [Mark([0x50, 0x4B, 3, 4]), Mark([0x50, 0x4B, 5, 6])]

  private static let archives = [
    ForeignKind(name: "a ZIP archive", advice: unpack, marks: zip, endings: [".zip"]),
    ForeignKind(
      name: "a tar archive", advice: unpack, marks: [Mark("ustar", at: 257)], endings: [".tar", ".tgz"]),
    ForeignKind(
      name: "a 7-Zip archive", advice: unpack, marks: [Mark([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C])],
      endings: [".7z"]),
    ForeignKind(name: "a RAR archive", advice: unpack, marks: [Mark("Rar!")], endings: [".rar"]),
    ForeignKind(
      name: "compressed with xz", advice: "unpack it with unxz",
      marks: [Mark([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0])],
      endings: [".xz"]),
    ForeignKind(
      name: "compressed with bzip2", advice: "unpack it with bunzip2", marks: [Mark("BZh")], endings: [".bz2"]
    ),
    ForeignKind(
      name: "compressed with Zstandard", advice: "unpack it with unzstd",
      marks: [Mark([0x28, 0xB5, 0x2F, 0xFD])],
      endings: [".zst"]),
  ]

  private static let texts = [
    ForeignKind(
      name: "GIFTI, a surface", advice: "name the volume that it was made from", marks: [Mark("<?xml")],
      endings: [".gii"], needsBoth: true),
    ForeignKind(
      name: "XML, perhaps an error instead of a download", advice: "name the image, or download it again",
      marks: [Mark("<?xml"), Mark("<Error>")], endings: [".xml"]),
    ForeignKind(
      name: "JSON", advice: "name the image that it describes", marks: [Mark("{")], endings: [".json"]),
  ]
}
