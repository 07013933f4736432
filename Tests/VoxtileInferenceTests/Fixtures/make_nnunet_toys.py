"""Writes nnunet/slices, nnunet/torch and so on: tiny nnU-Nets of random weights, with what nnU-Net itself predicts.

    python3 -m venv peers
    peers/bin/pip install nnunetv2==2.8.1 torch onnx nibabel
    peers/bin/python Tests/VoxtileInferenceTests/Fixtures/make_nnunet_toys.py

    slices     a 2D plan with slices along the file's y, z-score and range channels, two folds, mirrored
    torch      resampling by PyTorch, slices far apart, masked z-score, mirrored along three axes
    unsliced   the same, but no slice is separate (nnU-Net's own planners say so)
    turned     another order of axes, two folds, mirrored along three axes
    kept       no resampling
    channels   a CT channel and one that is not normalized, three folds, slices far apart, mirrored along two axes
    reoriented a reader that turns the scan, so that slices come from the other end; regions; new slices midway between two

Each folder is what Examples/FromNnUNet/export.py writes, with

    scan_000N.nii.gz        the channels of a scan
    prepared.npy            every 29th value that nnU-Net's preprocessor makes, in the order (channels, z, y, x) of the file
    labels.nii.gz           what nnUNetPredictor gives on the CPU
    labels_single.nii.gz    what it gives where torch.half is torch.float, so that sums are of single precision
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import nibabel
import numpy
import torch
from nnunetv2.inference.export_prediction import export_prediction_from_logits
from nnunetv2.inference.predict_from_raw_data import nnUNetPredictor
from nnunetv2.training.nnUNetTrainer.nnUNetTrainer import nnUNetTrainer
from nnunetv2.utilities.label_handling.label_handling import determine_num_input_channels
from nnunetv2.utilities.plans_handling.plans_handler import PlansManager

HERE = pathlib.Path(__file__).parent / "nnunet"
EXPORTER = pathlib.Path(__file__).parents[3] / "Examples/FromNnUNet/export.py"
EVERY = 29
DEFAULT = ("resample_data_or_seg_to_shape", {"is_seg": False, "order_z": 0, "force_separate_z": None})
TORCH = ("resample_torch_fornnunet", {"is_seg": False, "memefficient_seg_resampling": False})

# The size and the voxels of a scan are along the file's x, y and z; a plan's patch and spacing in the order of its arrays.
TOYS = {
    "slices": {
        "configuration": "2d", "transpose": [1, 0, 2], "size": (34, 14, 30), "voxels": (0.9, 3.6, 1.2),
        "patch": [20, 24], "spacing": [1.1, 1.3], "schemes": ["ZScoreNormalization", "RescaleTo01Normalization"],
        "masks": [False, False], "classes": 3, "folds": 2, "mirrors": (0, 1), "resampling": DEFAULT},
    "torch": {
        "configuration": "3d_fullres", "transpose": [0, 1, 2], "size": (34, 30, 12), "voxels": (0.9, 1.2, 3.0),
        "patch": [6, 20, 24], "spacing": [4.0, 1.1, 1.0], "schemes": ["ZScoreNormalization"], "masks": [True],
        "classes": 4, "folds": 1, "mirrors": (0, 1, 2), "resampling": (TORCH[0], TORCH[1] | {"force_separate_z": None})},
    "unsliced": {
        "configuration": "3d_fullres", "transpose": [0, 1, 2], "size": (34, 30, 12), "voxels": (0.9, 1.2, 3.0),
        "patch": [6, 20, 24], "spacing": [4.0, 1.1, 1.0], "schemes": ["ZScoreNormalization"], "masks": [True],
        "classes": 4, "folds": 1, "mirrors": (0, 1, 2), "resampling": (TORCH[0], TORCH[1] | {"force_separate_z": False})},
    "turned": {
        "configuration": "3d_fullres", "transpose": [2, 0, 1], "size": (13, 34, 30), "voxels": (1.6, 0.9, 1.2),
        "patch": [6, 20, 24], "spacing": [1.9, 1.0, 1.1], "schemes": ["ZScoreNormalization"], "masks": [False],
        "classes": 4, "folds": 2, "mirrors": (0, 1, 2), "resampling": DEFAULT},
    "kept": {
        "configuration": "3d_fullres", "transpose": [0, 1, 2], "size": (30, 26, 12), "voxels": (0.9, 1.2, 1.5),
        "patch": [6, 16, 20], "spacing": [2.0, 1.1, 1.0], "schemes": ["RescaleTo01Normalization"], "masks": [False],
        "classes": 3, "folds": 1, "mirrors": (0, 1, 2), "resampling": ("no_resampling_hack", {})},
    "channels": {
        "configuration": "3d_fullres", "transpose": [0, 1, 2], "size": (32, 36, 13), "voxels": (1.2, 0.9, 3.5),
        "patch": [6, 24, 20], "spacing": [4.1, 1.0, 1.1], "schemes": ["CTNormalization", "NoNormalization"],
        "masks": [False, False], "classes": 3, "folds": 3, "mirrors": (1, 2), "resampling": DEFAULT},
    "reoriented": {
        "configuration": "3d_fullres", "transpose": [0, 1, 2], "size": (30, 34, 13), "voxels": (0.9, 1.0, 3.0),
        "patch": [12, 20, 16], "spacing": [1.2, 1.1, 1.0], "schemes": ["ZScoreNormalization"], "masks": [True],
        "classes": 3, "folds": 1, "mirrors": (0, 1, 2), "resampling": DEFAULT,
        "reader": "NibabelIOWithReorient", "last": -1, "regions": True},
}


def plans(toy):
    """The plan of a toy, as nnU-Net's planner writes one, with a smaller network."""
    planar = toy["configuration"] == "2d"
    stages, ones, twos = 2, [1] * len(toy["patch"]), [2] * len(toy["patch"])
    name, arguments = toy["resampling"]
    order = (lambda value: {"order": value}) if name == DEFAULT[0] else (lambda _: {})
    intensities = {"mean": 60.0, "std": 25.0, "percentile_00_5": 12.0, "percentile_99_5": 140.0}
    back = [toy["transpose"].index(axis) for axis in range(3)]
    return {
        "dataset_name": "Dataset902_Toys", "plans_name": "nnUNetPlans", "image_reader_writer": toy.get("reader", "SimpleITKIO"),
        "transpose_forward": toy["transpose"], "transpose_backward": back, "label_manager": "LabelManager",
        "experiment_planner_used": "ExperimentPlanner",
        "foreground_intensity_properties_per_channel": {str(channel): intensities for channel in range(len(toy["schemes"]))},
        "configurations": {toy["configuration"]: {
            "data_identifier": "toys", "preprocessor_name": "DefaultPreprocessor", "batch_size": 2,
            "patch_size": toy["patch"], "spacing": toy["spacing"], "normalization_schemes": toy["schemes"],
            "use_mask_for_norm": toy["masks"], "batch_dice": False,
            "resampling_fn_data": name, "resampling_fn_data_kwargs": arguments | order(3),
            "resampling_fn_seg": name, "resampling_fn_seg_kwargs": arguments | order(1) | ({"is_seg": True} if arguments else {}),
            "resampling_fn_probabilities": name, "resampling_fn_probabilities_kwargs": arguments | order(1),
            "architecture": {
                "network_class_name": "dynamic_network_architectures.architectures.unet.PlainConvUNet",
                "_kw_requires_import": ["conv_op", "norm_op", "dropout_op", "nonlin"],
                "arch_kwargs": {
                    "n_stages": stages, "features_per_stage": [4, 6], "kernel_sizes": [[3] * len(ones)] * stages,
                    "conv_op": f"torch.nn.modules.conv.Conv{2 if planar else 3}d", "strides": [ones, twos],
                    "n_conv_per_stage": [1, 1], "n_conv_per_stage_decoder": [1], "conv_bias": True,
                    "norm_op": f"torch.nn.modules.instancenorm.InstanceNorm{2 if planar else 3}d",
                    "norm_op_kwargs": {"eps": 1e-05, "affine": True}, "dropout_op": None, "dropout_op_kwargs": None,
                    "nonlin": "torch.nn.LeakyReLU", "nonlin_kwargs": {"inplace": True}}}}}}


def write_scans(folder, toy, seed):
    """Waves in a ball, whole numbers, with a border of 0 around; one file a channel."""
    random = numpy.random.default_rng(seed)
    places = numpy.stack(numpy.meshgrid(*(numpy.linspace(-1, 1, size) for size in toy["size"]), indexing="ij"))
    paths = []
    for channel in range(len(toy["schemes"])):
        values = numpy.zeros(toy["size"])
        for _ in range(6):
            values += numpy.sin(numpy.tensordot(random.normal(0, 4, 3), places, 1) + random.uniform(0, 6))
        values = numpy.where((places**2).sum(0) < 0.95, numpy.round(70 + 14 * values), 0).astype(numpy.int16)
        paths.append(folder / f"scan_000{channel}.nii.gz")
        affine = numpy.diag([-toy["voxels"][0], toy["voxels"][1], toy.get("last", 1) * toy["voxels"][2], 1.0])
        affine[:3, 3] = 5, -3, 8
        nibabel.save(nibabel.Nifti1Image(values, affine), paths[-1])
    return [str(path) for path in paths]


def write_checkpoints(folder, toy, dataset):
    """A results folder with random weights."""
    plan = plans(toy)
    manager = PlansManager(plan)
    configuration, labels = manager.get_configuration(toy["configuration"]), manager.get_label_manager(dataset)
    for name, content in (("plans.json", plan), ("dataset.json", dataset)):
        (folder / name).write_text(json.dumps(content, indent=1))
    for fold in range(toy["folds"]):
        torch.manual_seed(31 + fold)
        network = nnUNetTrainer.build_network_architecture(
            manager, configuration, determine_num_input_channels(manager, configuration, dataset),
            labels.num_segmentation_heads, enable_deep_supervision=True)
        for part, weights in network.named_parameters():
            if weights.ndim > 1:
                torch.nn.init.kaiming_normal_(weights)
            else:
                # Nothing but the image decides which class is largest.
                torch.nn.init.normal_(weights, std=0.0 if "seg_layers" in part else 0.5)
        (folder / f"fold_{fold}").mkdir()
        torch.save(
            {"network_weights": network.state_dict(), "trainer_name": "nnUNetTrainer",
             "init_args": {"configuration": toy["configuration"]}, "inference_allowed_mirroring_axes": toy["mirrors"]},
            folder / f"fold_{fold}" / "checkpoint_final.pth")


def write_labels(predictor, prepared, properties, path, in_half):
    """What the predictor gives, or what it would give if its sums were of single precision."""
    half = torch.half
    torch.half = half if in_half else torch.float
    try:
        logits = predictor.predict_logits_from_preprocessed_data(torch.from_numpy(prepared)).cpu()
    finally:
        torch.half = half
    export_prediction_from_logits(
        logits, properties, predictor.configuration_manager, predictor.plans_manager, predictor.dataset_json, str(path))


def write_toy(name, toy, seed):
    """One folder."""
    target = HERE / name
    target.mkdir(parents=True, exist_ok=True)
    dataset = {
        "channel_names": {str(channel): f"channel {channel}" for channel in range(len(toy["schemes"]))},
        "labels": {"background": 0} | {f"part {label}": label for label in range(1, toy["classes"])},
        "numTraining": 4, "file_ending": ".nii.gz"}
    if "regions" in toy:
        dataset |= {"labels": {"background": 0, "whole": [1, 2], "core": [2]}, "regions_class_order": [1, 2]}
    scans = write_scans(target, toy, seed)
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary) / f"nnUNetTrainer__nnUNetPlans__{toy['configuration']}"
        folder.mkdir()
        write_checkpoints(folder, toy, dataset)
        predictor = nnUNetPredictor(
            use_mirroring=True, perform_everything_on_device=False, device=torch.device("cpu"), allow_tqdm=False)
        predictor.initialize_from_trained_model_folder(str(folder), tuple(range(toy["folds"])))
        manager, configuration = predictor.plans_manager, predictor.configuration_manager
        preprocessor = configuration.preprocessor_class(verbose=False)
        prepared, _, properties = preprocessor.run_case(scans, None, manager, configuration, dataset)
        stored = prepared.transpose([0] + [axis + 1 for axis in manager.transpose_backward])
        if "Reorient" in manager.plans["image_reader_writer"]:
            # The file's x runs from right to left, and its z may run downwards.
            stored = numpy.flip(stored, [3] if toy.get("last", 1) > 0 else [1, 3])
        some = numpy.ascontiguousarray(stored, dtype=numpy.float32).ravel()[::EVERY]
        # An image of one line, which the library reads.
        numpy.save(target / "prepared.npy", some[None])
        for kind in ("labels", "labels_single"):
            write_labels(predictor, prepared, properties, target / kind, in_half=kind == "labels")
        subprocess.run([sys.executable, EXPORTER, folder, target], check=True)
    labels = numpy.asarray(nibabel.load(target / "labels.nii.gz").dataobj)
    counts = dict(zip(*(part.tolist() for part in numpy.unique(labels, return_counts=True))))
    print(f"{name}: prepared {prepared.shape}, labels {counts}")


def main():
    chosen = sys.argv[1:] or list(TOYS)
    for seed, (name, toy) in enumerate(TOYS.items()):
        if name in chosen:
            write_toy(name, toy, seed + 1)


if __name__ == "__main__":
    main()
