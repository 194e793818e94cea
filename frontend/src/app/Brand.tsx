import classes from "./Shell.module.css";

export function Brand() {
  return (
    <span className={classes.brand}>
      <img src="/icon.svg" alt="" width={24} height={24} />
      XenCRM
    </span>
  );
}
