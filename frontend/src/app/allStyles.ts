// Of every component. All are in a layer, so that the order in which styles arrive does not matter.
import "@mantine/core/styles.layer.css";
